// What the files of the driver share: its one context, and what lives in it.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "memory_pool.hpp"
#include "module.hpp"
#include "stream.hpp"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulator {

struct Function {
    const KernelDescription* kernel;
    int shared_memory_limit;  // of a launch, as CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES allows it
};

struct LoadedModule {
    std::unique_ptr<Module> module;
    std::vector<std::unique_ptr<Function>> functions;
};

struct Event {
    bool has_time;
    std::shared_ptr<Mark> mark;  // of the last record; null before the first
};

struct Driver {
    std::mutex mutex;
    bool initialized = false;
    int context_references = 0;
    Stream default_stream;
    std::set<Stream*> streams;
    std::set<LoadedModule*> modules;
    std::set<Event*> events;
    std::set<MemoryPool*> pools;
    std::uint64_t calls_until_failure = 0;  // 0: none is to fail
};

extern Driver& driver;

extern const void* const primary_context;
extern thread_local const void* current_context;

/// Whether the driver's call that runs now is the one that was to fail; the caller holds the driver's lock.
bool is_call_to_fail();

/// The lock and the checks that nearly every call begins with.
class Call {
public:
    Call();

    int status;

    /// After a fault things can still be given back here, so that a test of one leaves nothing behind.
    bool can_release() const;

private:
    std::lock_guard<std::mutex> lock;
};

/// Null where the handle is no live stream's.
Stream* stream_of(void* handle);

/// Runs all that waits; the status after it.
int drain_all();

/// After a wait: what a pool keeps beyond its threshold goes back.
void trim_pools();

/// Success, or the fault that the context is lost to.
int status_after_work();

}  // namespace emulator
