// The driver's memory: device memory, page-locked host memory, pools, and copies between them.
#include <cstdint>
#include <cstring>
#include <string>

#include "cuda_result.hpp"
#include "device_memory.hpp"
#include "diagnosis.hpp"
#include "driver_state.hpp"
#include "pinned_memory.hpp"
#include "settings.hpp"

namespace emulator {
namespace {

/// CUmemPool_attribute of cuda.h.
enum PoolAttribute {
    release_threshold = 4,
    reserved_current = 5,
    reserved_high = 6,
    used_current = 7,
    used_high = 8,
};

constexpr int pinned_allocation = 1;  // CU_MEM_ALLOCATION_TYPE_PINNED
constexpr int device_location = 1;    // CU_MEM_LOCATION_TYPE_DEVICE

/// CUmemPoolProps of cuda.h.
struct PoolProperties {
    int allocation_type;
    int handle_types;
    int location_type;
    int device;
    void* security_attributes;
    std::size_t maximum_size;
    unsigned char reserved[56];
};
static_assert(sizeof(PoolProperties) == 88);

bool has_room(std::size_t size) {
    const auto used = device_memory_used();
    return used <= settings().memory_size && size <= settings().memory_size - used;
}

/// From queued work: whether the range can be used now; a fault where it cannot.
bool is_ready(const char* what, const void* address, std::size_t size) {
    const auto reason = why_inaccessible(address, size);
    if (!reason.empty()) record_diagnosis(std::string(what) + " of " + std::to_string(size) + " bytes of " + reason);
    return reason.empty();
}

}  // namespace

EXPORT int cuMemAlloc_v2(void** address, std::size_t size) {
    Call call;
    if (call.status != success) return call.status;
    if (size == 0) return invalid_value;
    *address = has_room(size) ? allocate_device_memory(size) : nullptr;
    return *address == nullptr ? out_of_memory : success;
}

EXPORT int cuMemFree_v2(void* address) {
    Call call;
    if (!call.can_release()) return call.status;
    drain_all();
    if (address != nullptr && !free_device_memory(address)) return invalid_value;
    return call.status;
}

EXPORT int cuMemcpyHtoDAsync_v2(void* destination, const void* source, std::size_t size, void* stream_handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    if (size == 0) return success;
    if (!is_device_range(destination, size)) return invalid_value;
    // Host memory is read when the copy runs: what the host writes meanwhile is copied too. A driver may stage pageable
    // memory before the call returns, but need not, and does not where the device reads it by itself.
    stream->enqueue([=] {
        if (!is_ready("copy from the host", destination, size)) return;
        std::memcpy(destination, source, size);
        mark_initialized(destination, size);
    });
    return success;
}

EXPORT int cuMemcpyDtoHAsync_v2(void* destination, const void* source, std::size_t size, void* stream_handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    if (size == 0) return success;
    if (!is_device_range(source, size)) return invalid_value;
    if (is_pinned_range(destination, size)) {
        stream->enqueue([=] {
            if (is_ready("copy to the host", source, size)) std::memcpy(destination, source, size);
        });
        return success;
    }
    // Into pageable memory the copy has ended when the call returns.
    stream->drain();
    if (status_after_work() == success && is_ready("copy to the host", source, size)) std::memcpy(destination, source, size);
    return status_after_work();
}

EXPORT int cuMemcpyDtoDAsync_v2(void* destination, const void* source, std::size_t size, void* stream_handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    if (size == 0) return success;
    if (!is_device_range(destination, size) || !is_device_range(source, size)) return invalid_value;
    stream->enqueue([=] {
        if (is_ready("copy", source, size) && is_ready("copy", destination, size)) copy_device_memory(destination, source, size);
    });
    return success;
}

EXPORT int cuMemsetD8Async(void* destination, unsigned char value, std::size_t count, void* stream_handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    if (count == 0) return success;
    if (!is_device_range(destination, count)) return invalid_value;
    stream->enqueue([=] {
        if (!is_ready("memset", destination, count)) return;
        std::memset(destination, value, count);
        mark_initialized(destination, count);
    });
    return success;
}

EXPORT int cuMemGetInfo_v2(std::size_t* free_size, std::size_t* total_size) {
    Call call;
    if (call.status != success) return call.status;
    *total_size = settings().memory_size;
    *free_size = *total_size - device_memory_used();
    return success;
}

/// What tests ask: allocations since the last reset, and the most bytes that were in use at once.
EXPORT void dftnative_emulator_device_memory(std::int64_t* allocation_count, std::int64_t* peak_bytes) {
    *allocation_count = device_memory_use().allocation_count;
    *peak_bytes = device_memory_use().peak_bytes;
}

EXPORT void dftnative_emulator_reset_device_memory() {
    device_memory_use() = {0, static_cast<std::int64_t>(device_memory_used())};
}

EXPORT int cuMemHostAlloc(void** address, std::size_t size, unsigned int) {
    Call call;
    if (call.status != success) return call.status;
    if (size == 0) return invalid_value;
    *address = allocate_pinned_memory(size);
    return *address == nullptr ? out_of_memory : success;
}

EXPORT int cuMemFreeHost(void* address) {
    Call call;
    if (!call.can_release()) return call.status;
    drain_all();  // copies that wait still want it
    return free_pinned_memory(address) ? call.status : invalid_value;
}

EXPORT int cuMemPoolCreate(MemoryPool** handle, const PoolProperties* properties) {
    Call call;
    if (call.status != success) return call.status;
    if (properties->allocation_type != pinned_allocation || properties->handle_types != 0) return invalid_value;
    if (properties->location_type != device_location || properties->device != 0) return invalid_value;
    *handle = new MemoryPool;
    driver.pools.insert(*handle);
    return success;
}

EXPORT int cuMemPoolDestroy(MemoryPool* pool) {
    Call call;
    if (!call.can_release()) return call.status;
    if (driver.pools.erase(pool) == 0) return invalid_value;
    destroy_memory_pool(pool);
    return call.status;
}

EXPORT int cuMemPoolTrimTo(MemoryPool* pool, std::size_t keep) {
    Call call;
    if (call.status != success) return call.status;
    if (driver.pools.count(pool) == 0) return invalid_value;
    pool->trim(keep);
    return success;
}

EXPORT int cuMemPoolSetAttribute(MemoryPool* pool, int attribute, const std::uint64_t* value) {
    Call call;
    if (call.status != success) return call.status;
    if (driver.pools.count(pool) == 0 || attribute != release_threshold) return invalid_value;
    pool->release_threshold = *value;
    return success;
}

EXPORT int cuMemPoolGetAttribute(MemoryPool* pool, int attribute, std::uint64_t* value) {
    Call call;
    if (call.status != success) return call.status;
    if (driver.pools.count(pool) == 0) return invalid_value;
    switch (attribute) {
        case release_threshold: *value = pool->release_threshold; return success;
        case reserved_current: *value = pool->reserved; return success;
        case reserved_high: *value = pool->reserved_high; return success;
        case used_current: *value = pool->used; return success;
        case used_high: *value = pool->used_high; return success;
        default: return invalid_value;
    }
}

/// The address is known at once; the memory is there when the stream comes to it, and only for what comes after that.
EXPORT int cuMemAllocFromPoolAsync(void** address, std::size_t size, MemoryPool* pool, void* stream_handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    if (driver.pools.count(pool) == 0 || size == 0) return invalid_value;
    *address = has_room(pool->shortage(size)) ? allocate_device_memory(size, pool) : nullptr;
    if (*address == nullptr) return out_of_memory;
    stream->enqueue([allocated = *address] { make_accessible(allocated); });
    return success;
}

/// From this call on the host may not name the memory; the device gives it up when the stream comes to it.
EXPORT int cuMemFreeAsync(void* address, void* stream_handle) {
    Call call;
    if (!call.can_release()) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    if (!release_device_memory(address)) return invalid_value;
    if (call.status != success) {
        free_device_memory(address);
    } else {
        stream->enqueue([=] { free_device_memory(address); });
    }
    return call.status;
}

}  // namespace emulator
