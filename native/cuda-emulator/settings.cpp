#include "settings.hpp"

#include <cstdlib>

namespace emulator {
namespace {

// CUDA C++ Programming Guide, technical specifications per compute capability.
constexpr MultiprocessorLimits known_multiprocessors[] = {
    {75, 40, 64 * 1024, 64 * 1024, 4 << 20},
    {80, 108, 163 * 1024, 164 * 1024, 40 << 20},
    {86, 84, 99 * 1024, 100 * 1024, 6 << 20},
    {89, 128, 99 * 1024, 100 * 1024, 72 << 20},
    {90, 132, 227 * 1024, 228 * 1024, 50 << 20},
};

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

/// "12.4" as 12040.
int version_from_environment(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    if (text == nullptr || *text == '\0') return otherwise;
    char* end;
    const auto major = std::strtol(text, &end, 10);
    const auto minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
    return static_cast<int>(1000 * major + 10 * minor);
}

}  // namespace

const Settings& settings() {
    static const Settings chosen = {
        number_from_environment("DFTNATIVE_EMULATED_DEVICES", 1),
        number_from_environment("DFTNATIVE_EMULATED_MEMORY", std::uint64_t{16} << 30),
        version_from_environment("DFTNATIVE_EMULATED_DRIVER", 12040),
        version_from_environment("DFTNATIVE_EMULATED_NVRTC", 12040),
        number_from_environment("DFTNATIVE_EMULATOR_ASAN", 0) != 0,
    };
    return chosen;
}

std::uint64_t order_seed = number_from_environment("DFTNATIVE_EMULATOR_ORDER", 0);

const MultiprocessorLimits& multiprocessor() {
    static const MultiprocessorLimits& chosen = []() -> const MultiprocessorLimits& {
        const auto wanted = number_from_environment("DFTNATIVE_EMULATED_SM", 80);
        for (const auto& known : known_multiprocessors) {
            if (static_cast<std::uint64_t>(known.architecture) == wanted) return known;
        }
        return known_multiprocessors[1];
    }();
    return chosen;
}

}  // namespace emulator
