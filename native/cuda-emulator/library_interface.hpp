// What libcuda's look-alike offers to those of other libraries that queue work on its streams.
#pragma once
#include <cstddef>
#include <functional>
#include <string>

#define EMULATOR_LIBRARY_INTERFACE __attribute__((visibility("default")))

namespace emulator {

/// 0 where the calling thread has a sound context, else the driver's status.
EMULATOR_LIBRARY_INTERFACE int context_status();

/// Queues work on a stream, to run in its order; returns the driver's status.
EMULATOR_LIBRARY_INTERFACE int enqueue_library_work(void* stream, std::function<void()> work);

/// From queued work: what is wrong with reading a range, empty where nothing is.
EMULATOR_LIBRARY_INTERFACE std::string why_unreadable(const void* address, std::size_t size);

/// From queued work: whether a range can be written; it then counts as initialised.
EMULATOR_LIBRARY_INTERFACE bool begin_write(void* address, std::size_t size);

/// From queued work: a fault, which is the context's end as on a real device.
EMULATOR_LIBRARY_INTERFACE void report_fault(std::string text);

}  // namespace emulator
