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

}  // namespace emulator

#define threadIdx (emulator::runtime->current_thread()->thread_index)
#define blockIdx (emulator::runtime->current_thread()->block_index)
#define blockDim (emulator::runtime->current_thread()->block_dimensions)
#define gridDim (emulator::runtime->current_thread()->grid_dimensions)

#define __syncthreads() (emulator::runtime->block_barrier(emulator::Location{__FILE__, __LINE__}))
#define __syncwarp() (emulator::runtime->warp_barrier(emulator::Location{__FILE__, __LINE__}))

inline float sqrtf(float value) { return __builtin_sqrtf(value); }
inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
inline float fminf(float a, float b) { return __builtin_fminf(a, b); }
inline float fabsf(float value) { return __builtin_fabsf(value); }
inline float expf(float value) { return __builtin_expf(value); }
inline float expm1f(float value) { return __builtin_expm1f(value); }
inline float logf(float value) { return __builtin_logf(value); }
inline float log1pf(float value) { return __builtin_log1pf(value); }
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
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
