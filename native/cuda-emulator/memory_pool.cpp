#include "memory_pool.hpp"

#include <algorithm>

namespace emulator {
namespace {

std::size_t all_reserved = 0;

void set_reserved(MemoryPool& pool, std::size_t reserved) {
    all_reserved = all_reserved - pool.reserved + reserved;
    pool.reserved = reserved;
    pool.reserved_high = std::max(pool.reserved_high, reserved);
}

void end_if_unused(MemoryPool* pool) {
    if (!pool->destroyed || pool->used != 0) return;
    set_reserved(*pool, 0);
    delete pool;
}

}  // namespace

std::size_t MemoryPool::shortage(std::size_t size) const { return used + size > reserved ? used + size - reserved : 0; }

void MemoryPool::take(std::size_t size) {
    used += size;
    used_high = std::max(used_high, used);
    set_reserved(*this, std::max(reserved, used));
}

void MemoryPool::give_back(std::size_t size) {
    used -= size;
    end_if_unused(this);
}

void MemoryPool::trim(std::uint64_t keep) {
    set_reserved(*this, std::max<std::size_t>(used, std::min<std::uint64_t>(reserved, keep)));
}

void destroy_memory_pool(MemoryPool* pool) {
    pool->destroyed = true;
    end_if_unused(pool);
}

std::size_t pools_reserved() { return all_reserved; }

}  // namespace emulator
