#include "shared_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "block_executor.hpp"
#include "counters.hpp"
#include "diagnosis.hpp"

namespace emulator {
namespace {

constexpr int largest_size = 227 * 1024;
constexpr int granule = 2;  // bytes a shadow entry stands for: the smallest element that kernels share
constexpr std::int32_t many_warps = -1;
constexpr std::int32_t several_threads = -1;
constexpr unsigned char poison = 0xFF;

// Epochs never repeat, so a new block or barrier makes every older entry stale without touching it.
struct Touch {
    std::uint64_t epoch = 0;
    std::uint32_t warp_epoch = 0;
    std::int32_t warp = 0;    // or many_warps, of readers
    std::int32_t thread = 0;  // or several_threads of the warp, of readers
};

struct Shadow {
    Touch written;
    Touch read;
    Touch atomic;  // the last atomic operations
    std::uint64_t in_flight = 0;  // block_begin_epoch while a cp.async is to write it
};

constexpr std::size_t memory_alignment = 1024;

// As large as the launch asks for and no larger, so that AddressSanitizer sees an access around the views.
unsigned char* memory = nullptr;
std::vector<Shadow>& shadows() {
    static auto& all = *new std::vector<Shadow>(largest_size / granule);
    return all;
}
int block_size = -1;
std::uint64_t epoch = 1;
std::uint64_t block_begin_epoch = 1;

/// Whether this thread's access comes after the touch in every order.
bool is_ordered_after(const Touch& touch, const ThreadPosition& position) {
    if (touch.epoch != epoch) return true;
    if (touch.warp != position.warp) return false;
    return touch.thread == position.thread || touch.warp_epoch != position.warp_epoch;
}

/// The access's first byte in shared memory, where it lies in the view and is aligned.
long long begin_of_access(const char* kind, const void* address, long long size, const void* view, long long view_size, Location location) {
    const auto offset = static_cast<const char*>(address) - static_cast<const char*>(view);
    if (offset < 0 || offset + size > view_size) {
        fail(location, "out-of-bounds %s of %lld bytes at byte %lld of a shared view of %lld bytes", kind, size,
            static_cast<long long>(offset), view_size);
    }
    const auto begin = static_cast<const unsigned char*>(address) - memory;
    if (begin % size != 0) {
        fail(location, "misaligned %s of %lld bytes at byte %lld of shared memory", kind, size, static_cast<long long>(begin));
    }
    return begin;
}

void check_in_flight(const Shadow& shadow, const char* kind, long long index, Location location) {
    if (shadow.in_flight != block_begin_epoch) return;
    fail(location, "%s of shared byte %lld, which a cp.async that was not waited for is to write", kind, index * granule);
}

/// `last`, of accesses that may be several threads' at once, and this thread's after them.
Touch joined(const Touch& last, const ThreadPosition& position) {
    Touch touch{epoch, position.warp_epoch, position.warp, position.thread};
    if (last.epoch != epoch) return touch;
    if (last.warp != position.warp) {
        touch.warp = many_warps;
    } else if (last.warp_epoch == position.warp_epoch && last.thread != position.thread) {
        touch.thread = several_threads;
    }
    return touch;
}

}  // namespace

void begin_shared_memory(int size) {
    if (size != block_size) {
        std::free(memory);
        void* allocated = nullptr;
        if (posix_memalign(&allocated, memory_alignment, static_cast<std::size_t>(std::max(size, 1))) != 0) throw std::bad_alloc();
        memory = static_cast<unsigned char*>(allocated);
    }
    block_size = size;
    block_begin_epoch = ++epoch;
    std::memset(memory, poison, size);
}

void advance_shared_memory_epoch() { epoch++; }

void* shared_memory_at(long long offset, long long size, Location location) {
    if (offset < 0 || offset + size > block_size) {
        fail(location, "%lld bytes of shared memory from byte %lld, but the launch gave %d", size, offset, block_size);
    }
    return memory + offset;
}

void check_shared_access(const void* address, long long size, const void* view, long long view_size, bool write, Location location) {
    const char* const kind = write ? "write" : "read";
    const auto begin = begin_of_access(kind, address, size, view, view_size, location);
    const auto position = current_position();
    for (auto index = begin / granule; index < (begin + size + granule - 1) / granule; index++) {
        auto& shadow = shadows()[index];
        check_in_flight(shadow, kind, index, location);
        if (!is_ordered_after(shadow.written, position)) {
            fail(location, "race on shared byte %lld: %s after a write by thread %d, with no barrier between",
                static_cast<long long>(index * granule), kind, shadow.written.thread);
        }
        if (!is_ordered_after(shadow.atomic, position)) {
            fail(location, "race on shared byte %lld: %s after another thread's atomic operation, with no barrier between",
                static_cast<long long>(index * granule), kind);
        }
        if (write) {
            if (!is_ordered_after(shadow.read, position)) {
                fail(location, "race on shared byte %lld: write after a read by another thread, with no barrier between",
                    static_cast<long long>(index * granule));
            }
            shadow.written = {epoch, position.warp_epoch, position.warp, position.thread};
            continue;
        }
        if (shadow.written.epoch < block_begin_epoch) {
            fail(location, "read of uninitialised shared byte %lld", static_cast<long long>(index * granule));
        }
        shadow.read = joined(shadow.read, position);
    }
    auto& counters = current_counters();
    (write ? counters.shared_bytes_written : counters.shared_bytes_read) += size;
}

void check_shared_atomic(const void* address, long long size, const void* view, long long view_size, Location location) {
    const char* const kind = "atomic operation";
    const auto begin = begin_of_access(kind, address, size, view, view_size, location);
    const auto position = current_position();
    for (auto index = begin / granule; index < (begin + size + granule - 1) / granule; index++) {
        auto& shadow = shadows()[index];
        check_in_flight(shadow, kind, index, location);
        if (!is_ordered_after(shadow.written, position) || !is_ordered_after(shadow.read, position)) {
            fail(location, "race on shared byte %lld: %s beside another thread's read or write, with no barrier between",
                static_cast<long long>(index * granule), kind);
        }
        if (shadow.written.epoch < block_begin_epoch) {
            fail(location, "%s on uninitialised shared byte %lld", kind, static_cast<long long>(index * granule));
        }
        shadow.atomic = joined(shadow.atomic, position);
    }
    auto& counters = current_counters();
    counters.shared_bytes_read += size;
    counters.shared_bytes_written += size;
}

void begin_async_write(void* address, long long size, const void* view, long long view_size, Location location) {
    check_shared_access(address, size, view, view_size, true, location);
    std::memset(address, poison, size);
    const auto begin = static_cast<const unsigned char*>(address) - memory;
    for (auto index = begin / granule; index < (begin + size) / granule; index++) shadows()[index].in_flight = block_begin_epoch;
}

void end_async_write(void* address, long long size) {
    const auto position = current_position();
    const auto begin = static_cast<const unsigned char*>(address) - memory;
    for (auto index = begin / granule; index < (begin + size) / granule; index++) {
        auto& shadow = shadows()[index];
        shadow.in_flight = 0;
        shadow.written = {epoch, position.warp_epoch, position.warp, position.thread};
    }
}

}  // namespace emulator
