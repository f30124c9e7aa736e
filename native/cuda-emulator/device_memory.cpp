#include "device_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <new>
#include <utility>

#include "block_executor.hpp"
#include "counters.hpp"
#include "diagnosis.hpp"
#include "library_interface.hpp"
#include "settings.hpp"

namespace emulator {
namespace {

constexpr std::size_t allocation_alignment = 256;  // cuMemAlloc's
constexpr unsigned char poison = 0xFF;

struct Allocation {
    char* begin;
    std::size_t size;
    std::unique_ptr<unsigned char[]> initialized;  // a byte a byte: 1 where it was written
    MemoryPool* pool = nullptr;
    bool accessible = true;  // the stream has come to its allocation
    bool released = false;   // the host has queued its free

    bool contains(const char* address, std::size_t length) const {
        return address >= begin && length <= size && static_cast<std::size_t>(address - begin) <= size - length;
    }
};

std::map<std::uintptr_t, Allocation>& allocations() {
    static auto& all = *new std::map<std::uintptr_t, Allocation>;
    return all;
}

/// Freed memory, kept back.
struct Freed {
    std::unique_ptr<char, void (*)(void*)> memory;
    std::size_t size;
};

constexpr std::size_t largest_kept_back = std::size_t{32} << 20;
std::deque<Freed>& kept_back() {
    static auto& all = *new std::deque<Freed>;
    return all;
}
std::size_t kept_back_size = 0;
std::size_t plain_size = 0;  // of the allocations of no pool
DeviceMemoryUse use;

void keep_back(char* begin, std::size_t size) {
    if (settings().address_sanitizer) {  // which keeps it back itself
        std::free(begin);
        return;
    }
    kept_back().push_back({{begin, std::free}, size});
    kept_back_size += size;
    while (kept_back_size > largest_kept_back) {
        kept_back_size -= kept_back().front().size;
        kept_back().pop_front();
    }
}

// The allocations used last: a kernel goes round a few.
constexpr int recent_count = 8;
Allocation* recent[recent_count];
int next_recent = 0;

Allocation* find(const void* address, std::size_t size) {
    const auto* wanted = static_cast<const char*>(address);
    for (auto* allocation : recent) {
        if (allocation != nullptr && allocation->contains(wanted, size)) return allocation;
    }
    auto after = allocations().upper_bound(reinterpret_cast<std::uintptr_t>(address));
    if (after == allocations().begin()) return nullptr;
    auto& allocation = std::prev(after)->second;
    if (!allocation.contains(wanted, size)) return nullptr;
    recent[next_recent++ % recent_count] = &allocation;
    return &allocation;
}

/// Why no allocation holds the range.
std::string describe_missing(const void* address) {
    const auto* wanted = static_cast<const char*>(address);
    for (const auto& freed : kept_back()) {
        if (wanted < freed.memory.get() || wanted >= freed.memory.get() + freed.size) continue;
        return "memory outside any live allocation (byte " + std::to_string(wanted - freed.memory.get()) + " of one of " +
            std::to_string(freed.size) + " bytes that was freed)";
    }
    return "memory outside any live allocation";
}

constexpr const char* not_there_yet = "memory whose allocation, on another stream, has not been waited for";

}  // namespace

void* allocate_device_memory(std::size_t size, MemoryPool* pool) {
    if (size == 0) return nullptr;
    // Exactly that size, so that AddressSanitizer sees an access around the views.
    void* allocated = nullptr;
    if (posix_memalign(&allocated, allocation_alignment, size) != 0) return nullptr;
    auto* begin = static_cast<char*>(allocated);
    auto* shadow = new (std::nothrow) unsigned char[size]();
    if (shadow == nullptr) {
        std::free(begin);
        return nullptr;
    }
    std::memset(begin, poison, size);
    allocations().emplace(
        reinterpret_cast<std::uintptr_t>(begin),
        Allocation{begin, size, std::unique_ptr<unsigned char[]>(shadow), pool, pool == nullptr});
    if (pool != nullptr) {
        pool->take(size);
    } else {
        plain_size += size;
    }
    use.allocation_count++;
    use.peak_bytes = std::max(use.peak_bytes, static_cast<std::int64_t>(device_memory_used()));
    return begin;
}

void make_accessible(void* address) {
    const auto found = allocations().find(reinterpret_cast<std::uintptr_t>(address));
    if (found != allocations().end()) found->second.accessible = true;
}

bool release_device_memory(void* address) {
    const auto found = allocations().find(reinterpret_cast<std::uintptr_t>(address));
    return found != allocations().end() && !std::exchange(found->second.released, true);
}

bool free_device_memory(void* address) {
    const auto found = allocations().find(reinterpret_cast<std::uintptr_t>(address));
    if (found == allocations().end()) return false;
    std::fill(std::begin(recent), std::end(recent), nullptr);
    const auto size = found->second.size;
    if (auto* pool = found->second.pool) {
        pool->give_back(size);
    } else {
        plain_size -= size;
    }
    allocations().erase(found);
    keep_back(static_cast<char*>(address), size);
    return true;
}

std::size_t device_memory_used() { return plain_size + pools_reserved(); }

DeviceMemoryUse& device_memory_use() { return use; }

std::string why_inaccessible(const void* address, std::size_t size) {
    const auto* allocation = find(address, size);
    if (allocation == nullptr) return describe_missing(address);
    return allocation->accessible ? "" : not_there_yet;
}

bool is_device_range(const void* address, std::size_t size) {
    const auto* allocation = find(address, size);
    return allocation != nullptr && !allocation->released;
}

void mark_initialized(void* address, std::size_t size) {
    auto* allocation = find(address, size);
    std::memset(&allocation->initialized[static_cast<char*>(address) - allocation->begin], 1, size);
}

void copy_device_memory(void* destination, const void* source, std::size_t size) {
    std::memmove(destination, source, size);
    auto* from = find(source, size);
    auto* to = find(destination, size);
    std::memmove(
        &to->initialized[static_cast<char*>(destination) - to->begin],
        &from->initialized[static_cast<const char*>(source) - from->begin], size);
}

std::string why_unreadable(const void* address, std::size_t size) {
    if (auto reason = why_inaccessible(address, size); !reason.empty()) return reason;
    const auto* allocation = find(address, size);
    const auto* shadow = &allocation->initialized[static_cast<const char*>(address) - allocation->begin];
    const auto* unwritten = static_cast<const unsigned char*>(std::memchr(shadow, 0, size));
    if (unwritten == nullptr) return {};
    return "byte " + std::to_string(unwritten - allocation->initialized.get()) + " of an allocation of " +
        std::to_string(allocation->size) + " bytes was never written";
}

bool begin_write(void* address, std::size_t size) {
    if (!why_inaccessible(address, size).empty()) return false;
    mark_initialized(address, size);
    return true;
}

void check_global_access(
    const void* address, long long size, const void* view, long long view_size, Access access, Location location) {
    const char* const kind = access == Access::write ? "write" : "read";
    const auto offset = static_cast<const char*>(address) - static_cast<const char*>(view);
    if (offset < 0 || offset + size > view_size) {
        fail(location, "out-of-bounds %s of %lld bytes at byte %lld of a view of %lld bytes", kind, size,
            static_cast<long long>(offset), view_size);
    }
    auto* allocation = find(address, size);
    if (allocation == nullptr || !allocation->accessible) {
        fail(location, "%s of %lld bytes of %s", kind, size, why_inaccessible(address, static_cast<std::size_t>(size)).c_str());
    }
    if (reinterpret_cast<std::uintptr_t>(address) % size != 0) {
        fail(location, "misaligned %s of %lld bytes at byte %lld of an allocation", kind, size,
            static_cast<long long>(static_cast<const char*>(address) - allocation->begin));
    }

    auto* shadow = &allocation->initialized[static_cast<const char*>(address) - allocation->begin];
    auto& counters = current_counters();
    if (access == Access::write) {
        std::memset(shadow, 1, size);
        counters.bytes_written += size;
        return;
    }
    if (const auto* unwritten = static_cast<unsigned char*>(std::memchr(shadow, 0, size))) {
        fail(location, "read of uninitialised memory: byte %lld of an allocation of %zu bytes was never written",
            static_cast<long long>(unwritten - allocation->initialized.get()), allocation->size);
    }
    auto& total = access == Access::read_streaming ? counters.bytes_read_streaming
                  : access == Access::read_async   ? counters.bytes_read_async
                                                   : counters.bytes_read_reused;
    total += size;
}

}  // namespace emulator
