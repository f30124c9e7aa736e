// What each kernel did, counted, so that a test can hold it to what its banner claims.
#pragma once
#include <cstdint>

namespace emulator {

/// Totals over a kernel's launches. The layout is read by tests.
struct Counters {
    std::int64_t launches;
    std::int64_t blocks;
    std::int64_t threads;
    std::int64_t block_barriers;
    std::int64_t warp_collectives;
    std::int64_t bytes_read_streaming;
    std::int64_t bytes_read_reused;
    std::int64_t bytes_written;
    std::int64_t shared_bytes_read;
    std::int64_t shared_bytes_written;
    std::int64_t bytes_read_async;  // of global memory, by cp.async
    std::int64_t mma_operations;    // floating-point: 2·m·n·k a warp's mma
    std::int64_t bank_conflicts;    // of ldmatrix: rows that had to be read after the others of their matrix
};

/// The counters of the kernel of that name, made on first use; the reference stays valid.
Counters& counters_of(const char* kernel_name);

}  // namespace emulator
