// Runs a grid, block by block, every thread of a block on a fiber of its own where it needs one.
#pragma once
#include <string>

#include "counters.hpp"
#include "kernel_interface.hpp"

namespace emulator {

struct Launch {
    const KernelDescription* kernel;
    Dimensions grid;
    Dimensions block;
    int shared_memory_size;
    void** arguments;
};

/// Runs the grid; false where a diagnosis ended it.
bool run_grid(const Launch& launch);

/// The services that a module is given.
const Runtime& kernel_runtime();

/// Where the running thread is, for the checks.
struct ThreadPosition {
    int thread;
    int warp;
    unsigned int warp_epoch;  // grows at each __syncwarp
};

ThreadPosition current_position();
Counters& current_counters();
std::string describe_current_thread();

/// Leaves the running thread for good and ends run_grid.
[[noreturn]] void abandon_launch();

}  // namespace emulator
