#include "block_executor.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "async_copies.hpp"
#include "device_memory.hpp"
#include "diagnosis.hpp"
#include "fiber.hpp"
#include "settings.hpp"
#include "shared_memory.hpp"

namespace emulator {
namespace {

constexpr int warp_size = 32;
constexpr std::uint32_t full_warp = 0xFFFFFFFF;
constexpr int largest_operand = 64;  // bytes a lane gives to or gets from a collective
constexpr int no_thread = -1;

std::string text_of(Dimensions d) {
    return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}

std::string text_of(Location location) { return std::string(location.file) + ":" + std::to_string(location.line); }

bool same_place(Location a, Location b) { return a.line == b.line && std::strcmp(a.file, b.file) == 0; }

struct Lane {
    Thread thread;
    Fiber* fiber = nullptr;  // null before the thread's first instruction
};

struct Warp {
    std::uint32_t existing = 0;
    std::uint32_t ready = 0;       // may run, the running lane not included
    std::uint32_t at_collective = 0;
    std::uint32_t at_barrier = 0;  // of the block
    std::uint32_t exited = 0;
    std::uint32_t epoch = 0;
    WarpFunction function = nullptr;  // of the collective in progress; null: __syncwarp
    Location location{};
    alignas(16) unsigned char inputs[warp_size * largest_operand];
    alignas(16) unsigned char outputs[warp_size * largest_operand];
};

/// splitmix64 (Steele, Lea and Flood 2014).
class RandomOrder {
public:
    explicit RandomOrder(std::uint64_t seed) : state(seed) {}
    unsigned int below(unsigned int bound) {
        std::uint64_t z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return static_cast<unsigned int>((z ^ (z >> 31)) >> 32) % bound;
    }

private:
    std::uint64_t state;
};

/// One block at a time. Threads run as plain calls, one after another on one fiber, until one has to wait; only then is
/// another fiber begun. Whoever waits or ends chooses who runs next and switches to it directly.
class BlockExecutor {
public:
    bool run(const Launch& requested) {
        launch = requested;
        counters = &counters_of(launch.kernel->name);
        counters->launches++;
        thread_count = static_cast<int>(launch.block.x * launch.block.y * launch.block.z);
        warp_count = (thread_count + warp_size - 1) / warp_size;
        lanes.assign(thread_count, {});
        warps.resize(warp_count);
        launch_number++;
        Dimensions block{};
        for (block.z = 0; block.z < launch.grid.z; block.z++) {
            for (block.y = 0; block.y < launch.grid.y; block.y++) {
                for (block.x = 0; block.x < launch.grid.x; block.x++) {
                    if (!run_block(block)) return false;
                }
            }
        }
        return true;
    }

    [[noreturn]] void abandon() {
        abandoned = true;
        switch_to_caller();
    }

    const Thread* current_thread() const { return &lanes[current].thread; }

    ThreadPosition position() const { return {current, current / warp_size, warps[current / warp_size].epoch}; }

    Counters& kernel_counters() const { return *counters; }

    std::string describe(int thread) const {
        return "kernel " + std::string(launch.kernel->name) + ", block " + text_of(lanes[thread].thread.block_index) +
               ", thread " + text_of(lanes[thread].thread.thread_index) + " (warp " + std::to_string(thread / warp_size) +
               ", lane " + std::to_string(thread % warp_size) + ")";
    }

    std::string describe_current() const { return describe(current); }

    void block_barrier(Location location) {
        if (waiting_at_barrier == 0) {
            barrier_location = location;
        } else if (!same_place(barrier_location, location)) {
            fail(location, "divergent barrier: %d other threads of the block wait at the one at %s", waiting_at_barrier,
                text_of(barrier_location).c_str());
        }
        if (exited_count > 0) {
            fail(location, "divergent barrier: %d threads of the block have ended without reaching it", exited_count);
        }
        auto& warp = current_warp();
        warp.at_barrier |= current_bit();
        waiting_at_barrier++;
        if (warp.at_barrier == warp.existing) arrival.push_back(current / warp_size);
        if (waiting_at_barrier == thread_count) {
            counters->block_barriers++;
            advance_shared_memory_epoch();
            waiting_at_barrier = 0;
            for (auto& released : warps) released.ready = std::exchange(released.at_barrier, 0);
            run_stack.swap(arrival);
            arrival.clear();
        }
        wait();
    }

    void collective(WarpFunction function, const void* input, int input_size, void* output, int output_size, Location location) {
        auto& warp = current_warp();
        const int lane = current % warp_size;
        const char* const kind = function == nullptr ? "warp barrier" : "warp collective";
        if (warp.existing != full_warp) fail(location, "%s in a warp of only %d threads", kind, std::popcount(warp.existing));
        if (warp.exited != 0) fail(location, "%s names lane %d, which has ended", kind, std::countr_zero(warp.exited));
        if (warp.at_collective == 0) {
            warp.function = function;
            warp.location = location;
        } else if (warp.function != function || !same_place(warp.location, location)) {
            fail(location, "divergent %s: lane %d of the warp waits at the one at %s", kind, std::countr_zero(warp.at_collective),
                text_of(warp.location).c_str());
        }
        if (input_size > 0) std::memcpy(warp.inputs + lane * input_size, input, input_size);
        warp.at_collective |= current_bit();
        if (warp.at_collective == full_warp) {
            counters->warp_collectives++;
            if (function == nullptr) {
                warp.epoch++;
            } else {
                function(warp.inputs, warp.outputs);
            }
            warp.at_collective = 0;
            warp.ready = full_warp;
        }
        wait();
        if (output_size > 0) std::memcpy(output, warp.outputs + lane * output_size, output_size);
    }

private:
    bool run_block(Dimensions block_index) {
        counters->blocks++;
        counters->threads += thread_count;
        begin_shared_memory(launch.shared_memory_size);
        random = RandomOrder((order_seed << 40) ^ (launch_number << 20) ^ counters->blocks);
        begin_async_copies(thread_count);
        exited_count = 0;
        waiting_at_barrier = 0;
        arrival.clear();
        run_stack.clear();
        for (int index = 0; index < warp_count; index++) {
            auto& warp = warps[index];
            const int size = std::min(warp_size, thread_count - index * warp_size);
            warp.existing = size == warp_size ? full_warp : (1u << size) - 1;
            warp.ready = warp.existing;
            warp.at_collective = warp.at_barrier = warp.exited = 0;
            run_stack.push_back(warp_count - 1 - index);
        }
        for (int index = 0; index < thread_count; index++) {
            const auto x = static_cast<unsigned int>(index) % launch.block.x;
            const auto y = static_cast<unsigned int>(index) / launch.block.x % launch.block.y;
            const auto z = static_cast<unsigned int>(index) / launch.block.x / launch.block.y;
            lanes[index] = {{{x, y, z}, block_index, launch.block, launch.grid}, nullptr};
        }

        abandoned = false;
        current = no_thread;
        choose_next();
        Fiber* first = idle_fiber();
        lanes[current].fiber = first;
        dftnative_emulator_switch(&caller, first->context);
        if (!abandoned && exited_count < thread_count) {
            describe_deadlock();
            abandoned = true;
        }
        if (!abandoned) return true;
        for (auto& fiber : fibers) fiber->rewind();
        idle.clear();
        for (auto& fiber : fibers) idle.push_back(fiber.get());
        return false;
    }

    Warp& current_warp() { return warps[current / warp_size]; }
    std::uint32_t current_bit() const { return 1u << current % warp_size; }

    /// Makes another ready thread the current one; false where none is.
    bool choose_next() {
        const int warp = order_seed == 0 ? next_warp_in_order() : next_warp_at_random();
        if (warp < 0) return false;
        const auto ready = warps[warp].ready;
        int lane = std::countr_zero(ready);
        if (order_seed != 0) {
            for (auto skip = random.below(std::popcount(ready)); skip > 0; skip--) {
                lane = std::countr_zero(ready & ~((2u << lane) - 1));
            }
        } else if (current != no_thread && current / warp_size == warp && (ready & current_bit()) != 0) {
            lane = current % warp_size;
        }
        current = warp * warp_size + lane;
        warps[warp].ready &= ~(1u << lane);
        return true;
    }

    /// Last in, first out: the warp that came last through a barrier runs on alone as far as it can. (In lockstep, warp
    /// after warp, a missing barrier goes unnoticed.)
    int next_warp_in_order() {
        while (!run_stack.empty()) {
            const int warp = run_stack.back();
            if (warps[warp].ready != 0) return warp;
            run_stack.pop_back();
        }
        return -1;
    }

    /// Mostly the same warp again, so that one gets far ahead of the others; else any.
    int next_warp_at_random() {
        if (current != no_thread && current_warp().ready != 0 && random.below(8) != 0) return current / warp_size;
        int ready_count = 0;
        for (const auto& warp : warps) ready_count += warp.ready != 0;
        if (ready_count == 0) return -1;
        auto skip = random.below(ready_count);
        int index = 0;
        while (warps[index].ready == 0 || skip-- > 0) index++;
        return index;
    }

    /// Lets another thread run until this one, which has been marked as waiting or ready, is chosen again.
    void wait() {
        const int self = current;
        auto& context = lanes[self].fiber->context;
        if (!choose_next()) {
            current = self;
            switch_to_caller();
        }
        if (current == self) return;
        if (lanes[current].fiber == nullptr) lanes[current].fiber = idle_fiber();
        dftnative_emulator_switch(&context, lanes[current].fiber->context);
    }

    [[noreturn]] void switch_to_caller() {
        FiberContext dead;
        dftnative_emulator_switch(&dead, caller);
        __builtin_unreachable();
    }

    Fiber* idle_fiber() {
        if (idle.empty()) {
            fibers.push_back(std::make_unique<Fiber>(&run_threads));
            return fibers.back().get();
        }
        Fiber* fiber = idle.back();
        idle.pop_back();
        return fiber;
    }

    /// A fiber's whole life: runs the current thread to its end, then the next; goes idle where that one has a fiber already.
    static void run_threads();

    void run_current_thread() {
        launch.kernel->call(launch.arguments);
        check_no_async_copies();
        auto& warp = current_warp();
        if (warp.at_collective != 0) {
            fail(warp.location, "this thread ended while lane %d of its warp waits for it at the warp collective",
                std::countr_zero(warp.at_collective));
        }
        if (waiting_at_barrier != 0) {
            fail(barrier_location, "divergent barrier: this thread ended while %d others of its block wait there", waiting_at_barrier);
        }
        warp.exited |= current_bit();
        exited_count++;
    }

    void describe_deadlock() const {
        std::string text = "deadlock:";
        int told = 0;
        for (int index = 0; index < thread_count && told < 4; index++) {
            const auto& warp = warps[index / warp_size];
            const auto bit = 1u << index % warp_size;
            const bool in_collective = (warp.at_collective & bit) != 0;
            if (!in_collective && (warp.at_barrier & bit) == 0) continue;
            // One thread of each warp and place tells as much as all.
            const auto group = in_collective ? warp.at_collective : warp.at_barrier;
            if (std::countr_zero(group) != index % warp_size) continue;
            text += " " + describe(index) + " waits at " + text_of(in_collective ? warp.location : barrier_location) + ";";
            told++;
        }
        text.pop_back();
        record_diagnosis(text);
    }

    Launch launch{};
    Counters* counters = nullptr;
    int thread_count = 0;
    int warp_count = 0;
    std::uint64_t launch_number = 0;
    std::vector<Lane> lanes;
    std::vector<Warp> warps;
    std::vector<int> run_stack;  // warps, the next to run last
    std::vector<int> arrival;    // warps wholly at the block's barrier, in order
    int waiting_at_barrier = 0;
    Location barrier_location{};
    int exited_count = 0;
    int current = no_thread;
    bool abandoned = false;
    FiberContext caller = nullptr;
    std::vector<std::unique_ptr<Fiber>> fibers;
    std::vector<Fiber*> idle;
    RandomOrder random{0};
};

BlockExecutor& executor() {
    static auto& one = *new BlockExecutor;
    return one;
}

void BlockExecutor::run_threads() {
    auto& self = executor();
    for (;;) {
        Fiber* const fiber = self.lanes[self.current].fiber;
        self.run_current_thread();
        if (!self.choose_next()) {
            self.idle.push_back(fiber);
            dftnative_emulator_switch(&fiber->context, self.caller);
        } else if (self.lanes[self.current].fiber == nullptr) {
            self.lanes[self.current].fiber = fiber;
        } else {
            self.idle.push_back(fiber);
            dftnative_emulator_switch(&fiber->context, self.lanes[self.current].fiber->context);
        }
    }
}

}  // namespace

bool run_grid(const Launch& launch) { return executor().run(launch); }

const Runtime& kernel_runtime() {
    static const Runtime runtime = {
        .current_thread = [] { return executor().current_thread(); },
        .global_access = check_global_access,
        .shared_memory = shared_memory_at,
        .shared_access = check_shared_access,
        .shared_atomic = check_shared_atomic,
        .block_barrier = [](Location location) { executor().block_barrier(location); },
        .warp_barrier = [](Location location) { executor().collective(nullptr, nullptr, 0, nullptr, 0, location); },
        .warp_collective = [](WarpFunction function, const void* input, int input_size, void* output, int output_size,
                               Location location) {
            executor().collective(function, input, input_size, output, output_size, location);
        },
        .async_copy = begin_async_copy,
        .async_commit = commit_async_copies,
        .async_wait = wait_for_async_copies,
        .count_mma = [](long long operations) { current_counters().mma_operations += operations; },
        .count_bank_conflict = [] { current_counters().bank_conflicts++; },
        .checked_fault = [](const char* what, long long value, const char* type, Location location) {
            fail(location, "%s %lld of %s", what, value, type);
        },
    };
    return runtime;
}

ThreadPosition current_position() { return executor().position(); }
Counters& current_counters() { return executor().kernel_counters(); }
std::string describe_current_thread() { return executor().describe_current(); }
void abandon_launch() { executor().abandon(); }

}  // namespace emulator
