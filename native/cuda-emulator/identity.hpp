// Which build of the emulator, on which kind of CPU: what an image was made by, and has to be loaded by.
#pragma once
#include <cstdint>

namespace emulator {

/// A hash of the emulator's sources, of this CPU's features, since modules are compiled for the CPU at hand, and of whether
/// they are compiled with AddressSanitizer.
std::uint64_t emulator_identity();

}  // namespace emulator
