// What a run can choose: the order in which threads run, and the GPU that is imitated.
#pragma once
#include <cstdint>

namespace emulator {

/// 0: one warp runs ahead (last in, first out); else the seed of a random order. Initially DFTNATIVE_EMULATOR_ORDER.
extern std::uint64_t order_seed;

/// The GPU, driver and NVRTC that are imitated, each from its variable.
struct Settings {
    std::uint64_t device_count;  // DFTNATIVE_EMULATED_DEVICES, 0 or 1; 1 without
    std::uint64_t memory_size;   // bytes: DFTNATIVE_EMULATED_MEMORY; 16 GiB without
    int driver_version;          // 1000 major + 10 minor: DFTNATIVE_EMULATED_DRIVER, such as 11.4; 12.4 without
    int nvrtc_version;           // likewise: DFTNATIVE_EMULATED_NVRTC
    bool address_sanitizer;      // DFTNATIVE_EMULATOR_ASAN: kernels are compiled with AddressSanitizer
};

const Settings& settings();

/// The limits of a compute capability that a launch is held to.
struct MultiprocessorLimits {
    int architecture;                  // 90 for sm_90
    int multiprocessor_count;
    int shared_memory_per_block_optin; // bytes
    int shared_memory_per_multiprocessor;
    int l2_cache_size;
    int shared_memory_per_block = 48 * 1024;
    int threads_per_block = 1024;
};

/// Chosen by DFTNATIVE_EMULATED_SM (75, 80, 86, 89 or 90; 80 without).
const MultiprocessorLimits& multiprocessor();

}  // namespace emulator
