#include "counters.hpp"

#include <map>
#include <string>

namespace emulator {
namespace {

std::map<std::string, Counters>& all_counters() {
    // Leaked: a module may still run while the process's globals are destroyed.
    static auto& all = *new std::map<std::string, Counters>;
    return all;
}

}  // namespace

Counters& counters_of(const char* kernel_name) { return all_counters()[kernel_name]; }

/// Copies a kernel's counters; returns 0 where no kernel of that name was launched.
extern "C" __attribute__((visibility("default"))) int dftnative_emulator_counters(const char* kernel_name, Counters* counters) {
    const auto found = all_counters().find(kernel_name);
    if (found == all_counters().end()) return 0;
    *counters = found->second;
    return 1;
}

/// Sets every kernel's counters to zero.
extern "C" __attribute__((visibility("default"))) void dftnative_emulator_reset_counters() {
    for (auto& entry : all_counters()) entry.second = {};
}

}  // namespace emulator
