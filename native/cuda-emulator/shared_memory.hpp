// The dynamic shared memory of the block that runs, poisoned at its start, with a shadow that finds races: two threads
// that touch the same bytes, one of them writing, with no barrier between. It finds them whatever the order of the run.
#pragma once
#include "kernel_interface.hpp"

namespace emulator {

/// Poisons `size` bytes for a new block.
void begin_shared_memory(int size);

/// Called when the whole block has passed a barrier: accesses before it are ordered before those after.
void advance_shared_memory_epoch();

void* shared_memory_at(long long offset, long long size, Location location);

void check_shared_access(const void* address, long long size, const void* view, long long view_size, bool write, Location location);

}  // namespace emulator
