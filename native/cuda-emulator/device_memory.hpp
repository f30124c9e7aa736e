// Device memory: host memory with a shadow that knows which bytes were ever written. Fresh memory is poisoned with 0xFF
// (NaN as fp32, bf16 and fp16), so that what a check does not see a comparison does.
#pragma once
#include <cstddef>

#include "kernel_interface.hpp"

namespace emulator {

/// Null where `size` is 0 or the memory is not to be had.
void* allocate_device_memory(std::size_t size);

/// False where `address` is not the begin of a live allocation.
bool free_device_memory(void* address);

/// Whether the range lies in one live allocation.
bool is_device_range(const void* address, std::size_t size);

/// Marks a range as written.
void mark_initialized(void* address, std::size_t size);

/// Copies between device ranges, with what is known of each byte. The ranges may overlap.
void copy_device_memory(void* destination, const void* source, std::size_t size);

/// The check behind memory.cuh's accessors; see Runtime::global_access.
void check_global_access(
    const void* address, long long size, const void* view, long long view_size, Access access, Location location);

}  // namespace emulator
