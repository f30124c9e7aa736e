// The CUDA driver API, as far as DftNative.Cuda calls it: C names, status codes and rules of cuda.h 12.4.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "block_executor.hpp"
#include "cuda_result.hpp"
#include "device_memory.hpp"
#include "diagnosis.hpp"
#include "driver_state.hpp"
#include "library_interface.hpp"
#include "module.hpp"
#include "settings.hpp"
#include "stream.hpp"

namespace emulator {

namespace {

/// CUfunction_attribute of cuda.h.
enum FunctionAttribute {
    function_max_threads_per_block = 0,
    function_shared_size = 1,
    function_local_size = 3,
    function_registers = 4,
    function_max_dynamic_shared_size = 8,
};

int check_launch(const Function& function, Dimensions grid, Dimensions block, unsigned int shared_memory_size) {
    const auto& limits = multiprocessor();
    const auto& kernel = *function.kernel;
    constexpr unsigned int largest_grid_side = 65535;
    const auto threads = static_cast<std::uint64_t>(block.x) * block.y * block.z;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0) return invalid_value;
    if (grid.x > 0x7FFFFFFF || grid.y > largest_grid_side || grid.z > largest_grid_side) return invalid_value;
    if (threads > static_cast<std::uint64_t>(limits.threads_per_block) || block.z > 64) return invalid_value;
    if (shared_memory_size > static_cast<unsigned int>(function.shared_memory_limit)) return invalid_value;
    if (kernel.maximum_threads > 0 && threads > static_cast<std::uint64_t>(kernel.maximum_threads)) return launch_out_of_resources;
    return success;
}

int attribute(int attribute, int* value) {
    const auto& limits = multiprocessor();
    switch (attribute) {
        case 1: *value = limits.threads_per_block; return success;               // MAX_THREADS_PER_BLOCK
        case 8: *value = limits.shared_memory_per_block; return success;         // MAX_SHARED_MEMORY_PER_BLOCK
        case 10: *value = 32; return success;                                    // WARP_SIZE
        case 16: *value = limits.multiprocessor_count; return success;           // MULTIPROCESSOR_COUNT
        case 38: *value = limits.l2_cache_size; return success;                  // L2_CACHE_SIZE
        case 75: *value = limits.architecture / 10; return success;              // COMPUTE_CAPABILITY_MAJOR
        case 76: *value = limits.architecture % 10; return success;              // COMPUTE_CAPABILITY_MINOR
        case 81: *value = limits.shared_memory_per_multiprocessor; return success;  // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
        case 97: *value = limits.shared_memory_per_block_optin; return success;  // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
        case 115: *value = 1; return success;                                    // MEMORY_POOLS_SUPPORTED
        default: return invalid_value;
    }
}

}  // namespace

int context_status() { return Call().status; }

int enqueue_library_work(void* stream_handle, std::function<void()> work) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr) return invalid_handle;
    stream->enqueue(std::move(work));
    return success;
}

EXPORT int cuInit(unsigned int flags) {
    std::lock_guard lock(driver.mutex);
    if (flags != 0) return invalid_value;
    if (settings().device_count == 0) return no_device;
    driver.initialized = true;
    return success;
}

EXPORT int cuDriverGetVersion(int* version) {
    *version = settings().driver_version;
    return success;
}

EXPORT int cuGetErrorName(int result, const char** name) {
    *name = name_of(result);
    return *name == nullptr ? invalid_value : success;
}

EXPORT int cuGetErrorString(int result, const char** text) {
    *text = text_of(result);
    return *text == nullptr ? invalid_value : success;
}

EXPORT int cuDeviceGetCount(int* count) {
    *count = 1;
    return driver.initialized ? success : not_initialized;
}

EXPORT int cuDeviceGet(int* device, int ordinal) {
    if (!driver.initialized) return not_initialized;
    if (ordinal != 0) return invalid_device;
    *device = 0;
    return success;
}

EXPORT int cuDeviceGetName(char* name, int length, int device) {
    if (device != 0) return invalid_device;
    std::snprintf(name, static_cast<std::size_t>(length), "EMULATED sm_%d (CPU)", multiprocessor().architecture);
    return success;
}

EXPORT int cuDeviceGetAttribute(int* value, int which, int device) {
    return device != 0 ? invalid_device : attribute(which, value);
}

EXPORT int cuDeviceTotalMem_v2(std::size_t* bytes, int device) {
    *bytes = settings().memory_size;
    return device != 0 ? invalid_device : success;
}

EXPORT int cuDevicePrimaryCtxRetain(const void** context, int device) {
    std::lock_guard lock(driver.mutex);
    if (!driver.initialized) return not_initialized;
    if (device != 0) return invalid_device;
    if (is_call_to_fail()) return unknown;
    driver.context_references++;
    *context = primary_context;
    return success;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int device) {
    std::lock_guard lock(driver.mutex);
    if (device != 0) return invalid_device;
    if (driver.context_references == 0) return invalid_context;
    if (--driver.context_references == 0) clear_diagnosis();  // a new context starts sound
    return success;
}

EXPORT int cuCtxSetCurrent(const void* context) {
    std::lock_guard lock(driver.mutex);
    if (!driver.initialized) return not_initialized;
    if (context != nullptr && context != primary_context) return invalid_context;
    if (is_call_to_fail()) return unknown;
    current_context = context;
    return success;
}

EXPORT int cuCtxSynchronize() {
    Call call;
    return call.status != success ? call.status : drain_all();
}

EXPORT int cuStreamCreate(void** handle, unsigned int) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = new Stream;
    driver.streams.insert(stream);
    *handle = stream;
    return success;
}

EXPORT int cuStreamSynchronize(void* handle) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(handle);
    if (stream == nullptr) return invalid_handle;
    stream->drain();
    trim_pools();
    return status_after_work();
}

EXPORT int cuStreamDestroy_v2(void* handle) {
    Call call;
    if (!call.can_release()) return call.status;
    auto* stream = static_cast<Stream*>(handle);
    if (driver.streams.erase(stream) == 0) return invalid_handle;
    stream->drain();
    delete stream;
    return call.status;
}

EXPORT int cuModuleLoadData(void** handle, const void* image) {
    Call call;
    if (call.status != success) return call.status;
    auto loaded = std::make_unique<LoadedModule>();
    if (const int status = load_module(image, loaded->module); status != success) return status;
    driver.modules.insert(loaded.get());
    *handle = loaded.release();
    return success;
}

EXPORT int cuModuleUnload(void* handle) {
    Call call;
    if (!call.can_release()) return call.status;
    auto* loaded = static_cast<LoadedModule*>(handle);
    if (driver.modules.erase(loaded) == 0) return invalid_handle;
    drain_all();
    unload_module(*loaded->module);
    delete loaded;
    return call.status;
}

EXPORT int cuModuleGetFunction(void** function, void* handle, const char* name) {
    Call call;
    if (call.status != success) return call.status;
    auto* loaded = static_cast<LoadedModule*>(handle);
    if (driver.modules.count(loaded) == 0) return invalid_handle;
    for (int index = 0; index < loaded->module->kernel_count; index++) {
        const auto* kernel = &loaded->module->kernels[index];
        if (std::strcmp(kernel->name, name) != 0) continue;
        // Asking twice for a kernel gives the same one, with what was set of it.
        for (const auto& known : loaded->functions) {
            if (known->kernel != kernel) continue;
            *function = known.get();
            return success;
        }
        loaded->functions.push_back(std::make_unique<Function>(Function{kernel, multiprocessor().shared_memory_per_block}));
        *function = loaded->functions.back().get();
        return success;
    }
    return not_found;
}

EXPORT int cuFuncGetParamInfo(void* function, std::size_t index, std::size_t* offset, std::size_t* size) {
    const auto& kernel = *static_cast<Function*>(function)->kernel;
    if (index >= static_cast<std::size_t>(kernel.parameter_count)) return invalid_value;
    std::size_t end = 0;
    for (std::size_t parameter = 0; parameter <= index; parameter++) {
        *size = static_cast<std::size_t>(kernel.parameter_sizes[parameter]);
        *offset = (end + *size - 1) / *size * *size;
        end = *offset + *size;
    }
    return success;
}

EXPORT int cuFuncSetAttribute(void* handle, int attribute, int value) {
    Call call;
    if (call.status != success) return call.status;
    auto* function = static_cast<Function*>(handle);
    if (function == nullptr) return invalid_handle;
    if (attribute != function_max_dynamic_shared_size) return invalid_value;
    if (value < 0 || value > multiprocessor().shared_memory_per_block_optin) return invalid_value;
    function->shared_memory_limit = value;
    return success;
}

EXPORT int cuFuncGetAttribute(int* value, int attribute, void* handle) {
    Call call;
    if (call.status != success) return call.status;
    const auto* function = static_cast<Function*>(handle);
    if (function == nullptr) return invalid_handle;
    switch (attribute) {
        case function_max_threads_per_block:
            *value = function->kernel->maximum_threads > 0 ? function->kernel->maximum_threads : multiprocessor().threads_per_block;
            return success;
        case function_shared_size:
        case function_local_size:
        case function_registers: *value = 0; return success;  // g++ knows none of them
        case function_max_dynamic_shared_size: *value = function->shared_memory_limit; return success;
        default: return invalid_value;
    }
}

EXPORT int cuLaunchKernel(
    void* function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z, unsigned int block_x, unsigned int block_y,
    unsigned int block_z, unsigned int shared_memory_size, void* stream_handle, void** parameters, void** extra) {
    Call call;
    if (call.status != success) return call.status;
    auto* stream = stream_of(stream_handle);
    if (stream == nullptr || function == nullptr) return invalid_handle;
    if (extra != nullptr) return invalid_value;
    const auto& launched = *static_cast<Function*>(function);
    const auto* kernel = launched.kernel;
    const Dimensions grid{grid_x, grid_y, grid_z}, block{block_x, block_y, block_z};
    if (const int status = check_launch(launched, grid, block, shared_memory_size); status != success) return status;

    // The arguments are copied now: the caller's may be gone when the kernel runs.
    std::vector<std::size_t> offsets;
    std::size_t size = 0;
    for (int index = 0; index < kernel->parameter_count; index++) {
        offsets.push_back(size);
        size += (static_cast<std::size_t>(kernel->parameter_sizes[index]) + 15) / 16 * 16;
    }
    std::vector<char> arguments(size);
    for (int index = 0; index < kernel->parameter_count; index++) {
        std::memcpy(&arguments[offsets[index]], parameters[index], static_cast<std::size_t>(kernel->parameter_sizes[index]));
    }
    stream->enqueue([=, arguments = std::move(arguments), offsets = std::move(offsets)]() mutable {
        std::vector<void*> pointers;
        for (const auto offset : offsets) pointers.push_back(&arguments[offset]);
        run_grid({kernel, grid, block, static_cast<int>(shared_memory_size), pointers.data()});
    });
    return success;
}

/// Chooses the order of threads for the launches that run from now on; see order_seed.
EXPORT void dftnative_emulator_set_order(std::uint64_t seed) {
    std::lock_guard lock(driver.mutex);
    order_seed = seed;
}

}  // namespace emulator
