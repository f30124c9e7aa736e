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

/// A read and a write in one, which other threads' atomic operations may come before or after.
void check_shared_atomic(const void* address, long long size, const void* view, long long view_size, Location location);

/// A checked write whose bytes come later: they are poisoned, and any access before end_async_write is a fault.
void begin_async_write(void* address, long long size, const void* view, long long view_size, Location location);

/// The bytes are there, as if the running thread had written them now.
void end_async_write(void* address, long long size);

}  // namespace emulator
