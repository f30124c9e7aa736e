// What a compiled kernel and the emulator know of each other. Included by both sides, so it includes nothing: kernels
// are compiled without any header of the C++ library, as NVRTC compiles them.
#pragma once

namespace emulator {

/// A place in a kernel's text. The file name is the compiler's __FILE__ and lives as long as the module.
struct Location {
    const char* file;
    int line;
};

struct Dimensions {
    unsigned int x, y, z;
};

/// What a kernel can ask about the thread that it runs as.
struct Thread {
    Dimensions thread_index;
    Dimensions block_index;
    Dimensions block_dimensions;
    Dimensions grid_dimensions;
};

enum class Access {
    read_reused,     // data that several blocks read: expected to come from the L2 cache
    read_streaming,  // data that is read once
    read_async,      // by cp.async, past the first-level cache
    write,
};

/// A copy from global to shared memory that its thread does not wait for.
struct AsyncCopy {
    void* destination;
    const void* destination_view;
    long long destination_view_size;
    const void* source;
    const void* source_view;
    long long source_view_size;
    int size;         // bytes written
    int source_size;  // bytes read, at most `size`
};

/// Computes a warp collective for all 32 lanes at once: element i of each array belongs to lane i.
using WarpFunction = void (*)(const void* inputs, void* outputs);

/// The emulator's services, handed to a module when it is loaded.
struct Runtime {
    /// The thread that runs now. Stays the same object for the whole call of a kernel.
    const Thread* (*current_thread)();

    /// Checks that the `size` bytes at `address` lie in the view and in a live allocation, are aligned to `size`, and
    /// (reads) were written before; counts them. Does not return where they do not.
    void (*global_access)(const void* address, long long size, const void* view, long long view_size, Access access, Location location);

    /// The block's dynamic shared memory from byte `offset`; does not return where the launch gave less.
    void* (*shared_memory)(long long offset, long long size, Location location);

    /// Checks an access to shared memory: bounds of the view, alignment, initialisation, and that no other thread
    /// touched the bytes since the last barrier in a way that makes the order matter.
    void (*shared_access)(const void* address, long long size, const void* view, long long view_size, bool write, Location location);

    /// Checks an atomic operation on shared memory: as above, where other threads' atomic operations do not matter.
    void (*shared_atomic)(const void* address, long long size, const void* view, long long view_size, Location location);

    /// __syncthreads.
    void (*block_barrier)(Location location);

    /// __syncwarp.
    void (*warp_barrier)(Location location);

    /// Deposits this lane's input, waits for the other 31, and returns with this lane's output written.
    void (*warp_collective)(WarpFunction function, const void* input, int input_size, void* output, int output_size, Location location);

    /// cp.async: checks both sides, poisons the `size` bytes of shared memory and delivers at the wait, when
    /// `source_size` bytes come from global memory and the rest become zero.
    void (*async_copy)(const AsyncCopy& copy, Location location);

    /// cp.async.commit_group: the thread's copies since its last one form a group.
    void (*async_commit)();

    /// cp.async.wait_group: delivers all of the thread's groups but its `pending_groups` last.
    void (*async_wait)(int pending_groups);

    /// Counts floating-point operations of a tensor core.
    void (*count_mma)(long long operations);

    /// Counts a row of a matrix that an ldmatrix could not read together with the others.
    void (*count_bank_conflict)();

    /// What the compiler's own checks found: "`what` `value` of `type`". Does not return.
    void (*checked_fault)(const char* what, long long value, const char* type, Location location);
};

/// A kernel as a module exports it.
struct KernelDescription {
    const char* name;
    void (*call)(void** arguments);
    int parameter_count;
    const int* parameter_sizes;
    int maximum_threads;  // of __launch_bounds__; 0 without
};

/// The one symbol of a module: takes the services, gives the kernels.
using ModuleEntry = const KernelDescription* (*)(const Runtime* runtime, int* kernel_count);
inline constexpr const char* module_entry_name = "dftnative_emulated_module";

/// Before the shared object's bytes in a module image. The emulated NVRTC writes it, cuModuleLoadData wants it.
struct ImageHeader {
    char magic[24];
    int architecture;       // 80, 86, 89, 90 …
    int exact_architecture; // whether it ends in 'a': runs on that architecture alone
    unsigned long long identity; // of the emulator that made it
    long long size;         // bytes that follow
};
inline constexpr char image_magic[24] = "DFTNATIVE-EMULATED-IMG2";

}  // namespace emulator
