#include "settings.hpp"

#include <cstdlib>

namespace emulator {
namespace {

// CUDA C++ Programming Guide, technical specifications per compute capability.
constexpr MultiprocessorLimits known_multiprocessors[] = {
    {80, 108, 163 * 1024},
    {86, 84, 99 * 1024},
    {89, 128, 99 * 1024},
    {90, 132, 227 * 1024},
};

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

std::uint64_t order_seed = number_from_environment("DFTNATIVE_EMULATOR_ORDER", 0);

const MultiprocessorLimits& multiprocessor() {
    static const MultiprocessorLimits& chosen = []() -> const MultiprocessorLimits& {
        const auto wanted = number_from_environment("DFTNATIVE_EMULATED_SM", 80);
        for (const auto& known : known_multiprocessors) {
            if (static_cast<std::uint64_t>(known.architecture) == wanted) return known;
        }
        return known_multiprocessors[0];
    }();
    return chosen;
}

}  // namespace emulator
