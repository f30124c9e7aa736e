#include "diagnosis.hpp"

#include <cstdarg>
#include <cstdio>

#include "block_executor.hpp"
#include "library_interface.hpp"

namespace emulator {
namespace {

std::string first_diagnosis;

}  // namespace

void fail(Location location, const char* format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    record_diagnosis(describe_current_thread() + ", " + location.file + ":" + std::to_string(location.line) + ": " + text);
    abandon_launch();
}

void record_diagnosis(std::string text) {
    if (first_diagnosis.empty()) first_diagnosis = std::move(text);
}

void report_fault(std::string text) { record_diagnosis(std::move(text)); }

const std::string& diagnosis() { return first_diagnosis; }

void clear_diagnosis() { first_diagnosis.clear(); }

}  // namespace emulator
