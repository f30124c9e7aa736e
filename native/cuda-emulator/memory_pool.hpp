// A pool of stream-ordered memory: what it has taken from the device, and what of that is in use.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emulator {

struct MemoryPool {
    std::uint64_t release_threshold = 0;  // bytes that it may keep at a synchronisation
    std::size_t used = 0, used_high = 0;
    std::size_t reserved = 0, reserved_high = 0;
    bool destroyed = false;

    /// What the device would have to give for `size` bytes more.
    std::size_t shortage(std::size_t size) const;

    void take(std::size_t size);

    /// Ends the pool too where it was destroyed and this was its last memory.
    void give_back(std::size_t size);

    /// Gives the device what is not in use, down to `keep` bytes.
    void trim(std::uint64_t keep);
};

/// Ends a pool once nothing of it is in use.
void destroy_memory_pool(MemoryPool* pool);

/// Bytes that all pools together have taken.
std::size_t pools_reserved();

}  // namespace emulator
