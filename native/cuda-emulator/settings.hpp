// What a run can choose: the order in which threads run, and the GPU that is imitated.
#pragma once
#include <cstdint>

namespace emulator {

/// 0: one warp runs ahead (last in, first out); else the seed of a random order. Initially DFTNATIVE_EMULATOR_ORDER.
extern std::uint64_t order_seed;

/// The limits of a compute capability that a launch is held to.
struct MultiprocessorLimits {
    int architecture;                  // 90 for sm_90
    int multiprocessor_count;
    int shared_memory_per_block_optin; // bytes
    int shared_memory_per_block = 48 * 1024;
    int threads_per_block = 1024;
};

/// Chosen by DFTNATIVE_EMULATED_SM (80, 86, 89 or 90; 80 without).
const MultiprocessorLimits& multiprocessor();

}  // namespace emulator
