// The driver's events.
#include <chrono>

#include "cuda_result.hpp"
#include "driver_state.hpp"

namespace emulator {
namespace {

constexpr unsigned int disable_timing = 2;  // CU_EVENT_DISABLE_TIMING
constexpr unsigned int known_flags = 1 | disable_timing;

double milliseconds_now() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Event* event_of(void* handle) {
    auto* event = static_cast<Event*>(handle);
    return driver.events.count(event) != 0 ? event : nullptr;
}

}  // namespace

EXPORT int cuEventCreate(void** handle, unsigned int flags) {
    Call call;
    if (call.status != success) return call.status;
    if ((flags & ~known_flags) != 0) return invalid_value;
    auto* event = new Event{(flags & disable_timing) == 0, nullptr};
    driver.events.insert(event);
    *handle = event;
    return success;
}

EXPORT int cuEventRecord(void* handle, void* stream_handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* event = event_of(handle);
    auto* stream = stream_of(stream_handle);
    if (event == nullptr || stream == nullptr) return invalid_handle;
    event->mark = std::make_shared<Mark>(Mark{stream});
    stream->enqueue([mark = event->mark] {
        mark->reached = true;
        mark->milliseconds = milliseconds_now();
    });
    return success;
}

EXPORT int cuEventQuery(void* handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* event = event_of(handle);
    if (event == nullptr) return invalid_handle;
    if (event->mark == nullptr || event->mark->reached) return success;
    // Time passes, or a host that asks until it is so would ask for ever.
    event->mark->stream->run_one();
    if (status_after_work() != success) return status_after_work();
    return event->mark->reached ? success : not_ready;
}

EXPORT int cuEventSynchronize(void* handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* event = event_of(handle);
    if (event == nullptr) return invalid_handle;
    if (event->mark != nullptr && !event->mark->reached) event->mark->stream->run_until(*event->mark);
    trim_pools();
    return status_after_work();
}

EXPORT int cuEventElapsedTime(float* milliseconds, void* begin_handle, void* end_handle) {
    Call call;
    if (call.status != success) return call.status;
    const auto* begin = event_of(begin_handle);
    const auto* end = event_of(end_handle);
    if (begin == nullptr || end == nullptr || !begin->has_time || !end->has_time) return invalid_handle;
    if (begin->mark == nullptr || end->mark == nullptr) return invalid_handle;
    if (!begin->mark->reached || !end->mark->reached) return not_ready;
    *milliseconds = static_cast<float>(end->mark->milliseconds - begin->mark->milliseconds);
    return success;
}

EXPORT int cuEventDestroy_v2(void* handle) {
    Call call;
    if (!call.can_release()) return call.status;
    auto* event = static_cast<Event*>(handle);
    if (driver.events.erase(event) == 0) return invalid_handle;
    delete event;  // what was recorded stays known to those that wait for it
    return call.status;
}

EXPORT int cuStreamWaitEvent(void* stream_handle, void* handle, unsigned int flags) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    const auto* event = event_of(handle);
    if (stream == nullptr || event == nullptr) return invalid_handle;
    if (flags != 0) return invalid_value;
    if (event->mark == nullptr || event->mark->reached) return success;
    stream->enqueue([mark = event->mark] {
        if (!mark->reached) mark->stream->run_until(*mark);
    });
    return success;
}

}  // namespace emulator
