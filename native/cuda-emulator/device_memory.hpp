// Device memory: host memory with a shadow that knows which bytes were ever written. Fresh memory is poisoned with 0xFF
// (NaN as fp32, bf16 and fp16), so that what a check does not see a comparison does.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernel_interface.hpp"
#include "memory_pool.hpp"

namespace emulator {

/// Null where `size` is 0 or the memory is not to be had. A pool's cannot be used before make_accessible.
void* allocate_device_memory(std::size_t size, MemoryPool* pool = nullptr);

/// From queued work: the stream has come to the allocation.
void make_accessible(void* address);

/// From the call that queues a free: later calls may not name the memory, queued work still may. False where they could
/// not before.
bool release_device_memory(void* address);

/// False where `address` is not the begin of a live allocation. The memory is kept back for a while, so that it is not
/// soon another's and a use after the free is seen.
bool free_device_memory(void* address);

/// Bytes of all allocations, and what pools keep besides.
std::size_t device_memory_used();

/// Since the last reset: for tests.
struct DeviceMemoryUse {
    std::int64_t allocation_count = 0;
    std::int64_t peak_bytes = 0;  // of device_memory_used()
};

DeviceMemoryUse& device_memory_use();

/// From queued work: what is wrong with using a range, empty where nothing is.
std::string why_inaccessible(const void* address, std::size_t size);

/// From a call: whether the range lies in one live allocation.
bool is_device_range(const void* address, std::size_t size);

/// Marks a range as written.
void mark_initialized(void* address, std::size_t size);

/// Copies between device ranges, with what is known of each byte. The ranges may overlap.
void copy_device_memory(void* destination, const void* source, std::size_t size);

/// The check behind memory.cuh's accessors; see Runtime::global_access.
void check_global_access(
    const void* address, long long size, const void* view, long long view_size, Access access, Location location);

}  // namespace emulator
