#include "async_copies.hpp"

#include <cstddef>
#include <cstring>
#include <vector>

#include "block_executor.hpp"
#include "device_memory.hpp"
#include "diagnosis.hpp"
#include "shared_memory.hpp"

namespace emulator {
namespace {

struct IssuedCopy {
    AsyncCopy copy;
    Location location;
};

struct ThreadCopies {
    std::vector<IssuedCopy> issued;         // in order, not yet delivered
    std::vector<std::size_t> group_lengths; // of the committed groups, oldest first
    std::size_t uncommitted = 0;
};

std::vector<ThreadCopies>& all_copies() {
    static auto& all = *new std::vector<ThreadCopies>;
    return all;
}

ThreadCopies& current_copies() { return all_copies()[current_position().thread]; }

}  // namespace

void begin_async_copies(int thread_count) {
    all_copies().resize(thread_count);
    for (auto& copies : all_copies()) {
        copies.issued.clear();
        copies.group_lengths.clear();
        copies.uncommitted = 0;
    }
}

void begin_async_copy(const AsyncCopy& copy, Location location) {
    if (copy.source_size > 0) {
        check_global_access(
            copy.source, copy.source_size, copy.source_view, copy.source_view_size, Access::read_async, location);
    }
    begin_async_write(copy.destination, copy.size, copy.destination_view, copy.destination_view_size, location);
    auto& copies = current_copies();
    copies.issued.push_back({copy, location});
    copies.uncommitted++;
}

void commit_async_copies() {
    auto& copies = current_copies();
    copies.group_lengths.push_back(copies.uncommitted);
    copies.uncommitted = 0;
}

void wait_for_async_copies(int pending_groups) {
    auto& copies = current_copies();
    auto& lengths = copies.group_lengths;
    if (lengths.size() <= static_cast<std::size_t>(pending_groups)) return;
    const auto group_count = static_cast<std::ptrdiff_t>(lengths.size()) - pending_groups;
    std::size_t delivered = 0;
    for (std::ptrdiff_t group = 0; group < group_count; group++) delivered += lengths[group];
    for (std::size_t index = 0; index < delivered; index++) {
        const auto& copy = copies.issued[index].copy;
        auto* destination = static_cast<char*>(copy.destination);
        std::memcpy(destination, copy.source, copy.source_size);
        std::memset(destination + copy.source_size, 0, copy.size - copy.source_size);
        end_async_write(destination, copy.size);
    }
    lengths.erase(lengths.begin(), lengths.begin() + group_count);
    copies.issued.erase(copies.issued.begin(), copies.issued.begin() + static_cast<std::ptrdiff_t>(delivered));
}

void check_no_async_copies() {
    const auto& issued = current_copies().issued;
    if (!issued.empty()) fail(issued.front().location, "this thread ended without having waited for %zu cp.async", issued.size());
}

}  // namespace emulator
