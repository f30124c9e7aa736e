// What was wrong with a kernel, in words. The first diagnosis is kept; the context then fails as a real one does after a fault.
#pragma once
#include <string>

#include "kernel_interface.hpp"

namespace emulator {

/// Records what the running thread did wrong, with kernel, block, thread and source line, and abandons the launch.
[[noreturn]] __attribute__((format(printf, 2, 3))) void fail(Location location, const char* format, ...);

/// As fail, of no one thread: for deadlocks. Returns.
void record_diagnosis(std::string text);

/// Empty without a fault.
const std::string& diagnosis();

void clear_diagnosis();

}  // namespace emulator
