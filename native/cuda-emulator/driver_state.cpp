#include "driver_state.hpp"

#include "cuda_result.hpp"
#include "diagnosis.hpp"

namespace emulator {

const char* name_of(int result) {
    switch (result) {
        case success: return "CUDA_SUCCESS";
        case invalid_value: return "CUDA_ERROR_INVALID_VALUE";
        case out_of_memory: return "CUDA_ERROR_OUT_OF_MEMORY";
        case not_initialized: return "CUDA_ERROR_NOT_INITIALIZED";
        case no_device: return "CUDA_ERROR_NO_DEVICE";
        case invalid_device: return "CUDA_ERROR_INVALID_DEVICE";
        case invalid_image: return "CUDA_ERROR_INVALID_IMAGE";
        case invalid_context: return "CUDA_ERROR_INVALID_CONTEXT";
        case no_binary_for_gpu: return "CUDA_ERROR_NO_BINARY_FOR_GPU";
        case invalid_handle: return "CUDA_ERROR_INVALID_HANDLE";
        case not_found: return "CUDA_ERROR_NOT_FOUND";
        case not_ready: return "CUDA_ERROR_NOT_READY";
        case launch_out_of_resources: return "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES";
        case launch_failed: return "CUDA_ERROR_LAUNCH_FAILED";
        case unknown: return "CUDA_ERROR_UNKNOWN";
        default: return nullptr;
    }
}

const char* text_of(int result) {
    switch (result) {
        case success: return "no error";
        case invalid_value: return "invalid argument";
        case out_of_memory: return "out of memory";
        case not_initialized: return "initialization error";
        case no_device: return "no CUDA-capable device is detected";
        case invalid_device: return "invalid device ordinal";
        case invalid_image: return "device kernel image is invalid";
        case invalid_context: return "invalid device context";
        case no_binary_for_gpu: return "no kernel image is available for execution on the device";
        case invalid_handle: return "invalid resource handle";
        case not_found: return "named symbol not found";
        case not_ready: return "device not ready";
        case launch_out_of_resources: return "too many resources requested for launch";
        // What a real device cannot tell, the emulator does: the kernel, block, thread and line.
        case launch_failed: return diagnosis().empty() ? "unspecified launch failure" : diagnosis().c_str();
        case unknown: return "unknown error";
        default: return nullptr;
    }
}

// Leaked: threads of the host may still call while the process's globals are destroyed.
Driver& driver = *new Driver;

constexpr int context_handle_value = 0;  // its address is the one context's handle
const void* const primary_context = &context_handle_value;
thread_local const void* current_context = nullptr;

bool is_call_to_fail() { return driver.calls_until_failure > 0 && --driver.calls_until_failure == 0; }

Call::Call() : status(success), lock(driver.mutex) {
    if (!driver.initialized) {
        status = not_initialized;
    } else if (current_context == nullptr || driver.context_references == 0) {
        status = invalid_context;
    } else {
        status = status_after_work();  // sticky, as on a real device
    }
    if (is_call_to_fail()) status = unknown;
}

bool Call::can_release() const { return status == success || status == launch_failed; }

Stream* stream_of(void* handle) {
    if (handle == nullptr) return &driver.default_stream;
    auto* stream = static_cast<Stream*>(handle);
    return driver.streams.count(stream) != 0 ? stream : nullptr;
}

int drain_all() {
    driver.default_stream.drain();
    for (auto* stream : driver.streams) stream->drain();
    trim_pools();
    return status_after_work();
}

void trim_pools() {
    for (auto* pool : driver.pools) pool->trim(pool->release_threshold);
}

/// The call of the driver that is to fail, counted from 1 on from now; 0: none.
EXPORT void dftnative_emulator_fail_call(std::uint64_t number) {
    std::lock_guard lock(driver.mutex);
    driver.calls_until_failure = number;
}

/// Whether the call that is to fail has yet to come.
EXPORT int dftnative_emulator_is_failure_pending() {
    std::lock_guard lock(driver.mutex);
    return driver.calls_until_failure > 0 ? 1 : 0;
}

/// References to the context, and what is alive in it but for memory.
EXPORT int dftnative_emulator_live_objects() {
    std::lock_guard lock(driver.mutex);
    return driver.context_references + static_cast<int>(driver.streams.size() + driver.modules.size() + driver.events.size() + driver.pools.size());
}

int status_after_work() { return diagnosis().empty() ? success : launch_failed; }

}  // namespace emulator
