// cp.async of the block that runs: each thread's copies, delivered as late as its waits allow, so that a kernel that reads
// too early finds poison and is told so.
#pragma once
#include "kernel_interface.hpp"

namespace emulator {

/// Forgets what an earlier block left.
void begin_async_copies(int thread_count);

/// See Runtime::async_copy, async_commit and async_wait; all act for the running thread.
void begin_async_copy(const AsyncCopy& copy, Location location);
void commit_async_copies();
void wait_for_async_copies(int pending_groups);

/// A thread that ends has waited for all of its copies: one that nobody waits for is one that nobody needs.
void check_no_async_copies();

}  // namespace emulator
