// Passed with -include when a kernel is compiled for the emulator: what NVRTC has built in, in C++. No header of the C++
// library is included, so that a kernel cannot come to need one that NVRTC lacks.
#pragma once
#include "kernel_interface.hpp"

#define DFTNATIVE_EMULATOR 1

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
// __shared__ stays undefined: shared memory comes from memory.cuh, where it is dynamic and its accesses are checked.

namespace emulator {

inline const Runtime* runtime;

template <auto Kernel>
struct KernelThunk;

template <typename... Parameters, void (*Kernel)(Parameters...)>
struct KernelThunk<Kernel> {
    static constexpr int parameter_count = sizeof...(Parameters);
    static constexpr int parameter_sizes[] = {static_cast<int>(sizeof(Parameters))..., 0};

    template <int... Index>
    struct Indices {};

    template <int... Index>
    static void call_with(void** arguments, Indices<Index...>) {
        Kernel(*static_cast<Parameters*>(arguments[Index])...);
    }

    static void call(void** arguments) { call_with(arguments, Indices<__integer_pack(sizeof...(Parameters))...>{}); }
};

/// What g++ passes to the handlers below, as libubsan's ABI has it.
struct CheckedType {
    unsigned short kind;
    unsigned short info;  // bit 0: signed; above: log2 of the width in bits
    char name[1];

    long long value_of(unsigned long bits) const {
        const int unused = 64 - (1 << (info >> 1));
        const auto shifted = static_cast<long long>(bits << unused);
        return (info & 1) != 0 ? shifted >> unused : static_cast<long long>((bits << unused) >> unused);
    }
};

struct CheckedPlace {
    const char* file;
    unsigned int line;
    unsigned int column;
    const CheckedType* first;   // of the array, or of the left operand
    const CheckedType* second;  // of the index, or of the right operand

    Location location() const { return {file, static_cast<int>(line)}; }
};

}  // namespace emulator

// Called where -fsanitize=bounds-strict,shift-exponent,integer-divide-by-zero finds a fault; libubsan is not linked.
#define DFTNATIVE_CHECK_HANDLER extern "C" __attribute__((noreturn, used, visibility("hidden"))) void
DFTNATIVE_CHECK_HANDLER __ubsan_handle_out_of_bounds_abort(emulator::CheckedPlace* place, unsigned long index) {
    emulator::runtime->checked_fault("out-of-bounds index", place->second->value_of(index), place->first->name, place->location());
    __builtin_unreachable();
}
DFTNATIVE_CHECK_HANDLER __ubsan_handle_shift_out_of_bounds_abort(emulator::CheckedPlace* place, unsigned long, unsigned long distance) {
    emulator::runtime->checked_fault("shift by", place->second->value_of(distance), place->first->name, place->location());
    __builtin_unreachable();
}
DFTNATIVE_CHECK_HANDLER __ubsan_handle_divrem_overflow_abort(emulator::CheckedPlace* place, unsigned long, unsigned long divisor) {
    emulator::runtime->checked_fault("division by", place->first->value_of(divisor), place->first->name, place->location());
    __builtin_unreachable();
}

#define threadIdx (emulator::runtime->current_thread()->thread_index)
#define blockIdx (emulator::runtime->current_thread()->block_index)
#define blockDim (emulator::runtime->current_thread()->block_dimensions)
#define gridDim (emulator::runtime->current_thread()->grid_dimensions)

#define __syncthreads() (emulator::runtime->block_barrier(emulator::Location{__FILE__, __LINE__}))
#define __syncwarp() (emulator::runtime->warp_barrier(emulator::Location{__FILE__, __LINE__}))

inline float fabsf(float value) { return __builtin_fabsf(value); }
inline float sqrtf(float value) { return __builtin_sqrtf(value); }
inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
inline float expf(float value) { return __builtin_expf(value); }
inline float expm1f(float value) { return __builtin_expm1f(value); }
inline float logf(float value) { return __builtin_logf(value); }
inline float floorf(float value) { return __builtin_floorf(value); }
inline double ceil(double value) { return __builtin_ceil(value); }
inline unsigned long long __float2ull_rn(float value) { return static_cast<unsigned long long>(__builtin_rintf(value)); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline double sqrt(double value) { return __builtin_sqrt(value); }

// The emulated NVRTC appends these after the kernel's text, one entry a kernel that it found there.
#define DFTNATIVE_EMULATED_MODULE_BEGIN                                                                                      \
    extern "C" __attribute__((visibility("default"))) const emulator::KernelDescription* dftnative_emulated_module(          \
        const emulator::Runtime* services, int* kernel_count) {                                                              \
        emulator::runtime = services;                                                                                        \
        static const emulator::KernelDescription kernels[] = {
#define DFTNATIVE_EMULATED_KERNEL(kernel, maximum_threads)                                                                   \
    {#kernel, &emulator::KernelThunk<&kernel>::call, emulator::KernelThunk<&kernel>::parameter_count,                        \
     emulator::KernelThunk<&kernel>::parameter_sizes, maximum_threads},
#define DFTNATIVE_EMULATED_MODULE_END                                                                                        \
        };                                                                                                                   \
        *kernel_count = sizeof(kernels) / sizeof(kernels[0]);                                                                \
        return kernels;                                                                                                      \
    }
