#include "device_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>

#include "block_executor.hpp"
#include "counters.hpp"
#include "diagnosis.hpp"

namespace emulator {
namespace {

constexpr std::size_t allocation_alignment = 256;  // cuMemAlloc's
constexpr unsigned char poison = 0xFF;

struct Allocation {
    char* begin;
    std::size_t size;
    std::unique_ptr<unsigned char[]> initialized;  // a byte a byte: 1 where it was written

    bool contains(const char* address, std::size_t length) const {
        return address >= begin && length <= size && static_cast<std::size_t>(address - begin) <= size - length;
    }
};

std::map<std::uintptr_t, Allocation>& allocations() {
    static auto& all = *new std::map<std::uintptr_t, Allocation>;
    return all;
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

}  // namespace

void* allocate_device_memory(std::size_t size) {
    if (size == 0) return nullptr;
    const auto rounded = (size + allocation_alignment - 1) / allocation_alignment * allocation_alignment;
    auto* begin = static_cast<char*>(std::aligned_alloc(allocation_alignment, rounded));
    if (begin == nullptr) return nullptr;
    auto* shadow = new (std::nothrow) unsigned char[size]();
    if (shadow == nullptr) {
        std::free(begin);
        return nullptr;
    }
    std::memset(begin, poison, rounded);
    allocations().emplace(reinterpret_cast<std::uintptr_t>(begin), Allocation{begin, size, std::unique_ptr<unsigned char[]>(shadow)});
    return begin;
}

bool free_device_memory(void* address) {
    const auto found = allocations().find(reinterpret_cast<std::uintptr_t>(address));
    if (found == allocations().end()) return false;
    std::fill(std::begin(recent), std::end(recent), nullptr);
    allocations().erase(found);
    std::free(address);
    return true;
}

bool is_device_range(const void* address, std::size_t size) { return find(address, size) != nullptr; }

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

void check_global_access(
    const void* address, long long size, const void* view, long long view_size, Access access, Location location) {
    const char* const kind = access == Access::write ? "write" : "read";
    const auto offset = static_cast<const char*>(address) - static_cast<const char*>(view);
    if (offset < 0 || offset + size > view_size) {
        fail(location, "out-of-bounds %s of %lld bytes at byte %lld of a view of %lld bytes", kind, size,
            static_cast<long long>(offset), view_size);
    }
    auto* allocation = find(address, size);
    if (allocation == nullptr) fail(location, "%s of %lld bytes outside any live allocation", kind, size);
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
