#include "pinned_memory.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>

namespace emulator {
namespace {

constexpr std::size_t page_size = 4096;

std::map<std::uintptr_t, std::size_t>& sizes() {
    static auto& all = *new std::map<std::uintptr_t, std::size_t>;
    return all;
}

}  // namespace

void* allocate_pinned_memory(std::size_t size) {
    const auto rounded = (size + page_size - 1) / page_size * page_size;
    void* const address = std::aligned_alloc(page_size, rounded);
    if (address == nullptr) return nullptr;
    std::memset(address, 0xFF, rounded);
    sizes().emplace(reinterpret_cast<std::uintptr_t>(address), size);
    return address;
}

bool free_pinned_memory(void* address) {
    if (sizes().erase(reinterpret_cast<std::uintptr_t>(address)) == 0) return false;
    std::free(address);
    return true;
}

bool is_pinned_range(const void* address, std::size_t size) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    const auto after = sizes().upper_bound(wanted);
    if (after == sizes().begin()) return false;
    const auto& [begin, length] = *std::prev(after);
    return size <= length && wanted - begin <= length - size;
}

}  // namespace emulator
