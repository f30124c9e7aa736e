// Page-locked host memory: copies to and from it are asynchronous.
#pragma once
#include <cstddef>

namespace emulator {

/// Poisoned with 0xFF; null where it is not to be had.
void* allocate_pinned_memory(std::size_t size);

/// False where `address` is not the begin of live page-locked memory.
bool free_pinned_memory(void* address);

bool is_pinned_range(const void* address, std::size_t size);

}  // namespace emulator
