// Sums and maxima over a warp and over a block, in a fixed order, so that a kernel's result is the same in every run.
#pragma once
#include "memory.cuh"

constexpr int warp_size = 32;
constexpr int largest_warp_count = 32;

/// Bytes of shared memory that block_sum and block_max need.
constexpr int block_reduction_shared_size = largest_warp_count * sizeof(float);

struct Sum {
    static constexpr float identity = 0.0f;
    __device__ static __forceinline__ float combine(float a, float b) { return a + b; }
};

/// As fmaxf: the other operand where one is NaN.
struct Maximum {
    static constexpr float identity = -3.402823466e38f;
    __device__ static __forceinline__ float combine(float a, float b) { return fmaxf(a, b); }
};

/// Of whole numbers, in any order the same.
struct WholeSum {
    static constexpr unsigned long long identity = 0;
    __device__ static __forceinline__ unsigned long long combine(unsigned long long a, unsigned long long b) { return a + b; }
};

struct WholeMaximum {
    static constexpr unsigned long long identity = 0;
    __device__ static __forceinline__ unsigned long long combine(unsigned long long a, unsigned long long b) { return a > b ? a : b; }
};

/// The reduction over each group of `LANES` neighbouring lanes (a power of two), in every lane of it: a butterfly, lane
/// distances LANES / 2 … 2, 1. All 32 lanes of the warp call it.
template <typename Operation, int LANES = warp_size, typename T>
__device__ __forceinline__ T warp_reduce(T value DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    T result;
    emulator::runtime->warp_collective(
        [](const void* inputs, void* outputs) {
            T lanes[warp_size];
            for (int lane = 0; lane < warp_size; lane++) lanes[lane] = static_cast<const T*>(inputs)[lane];
            for (int distance = LANES / 2; distance > 0; distance /= 2) {
                T next[warp_size];
                for (int lane = 0; lane < warp_size; lane++) {
                    next[lane] = Operation::combine(lanes[lane], lanes[lane ^ distance]);
                }
                for (int lane = 0; lane < warp_size; lane++) lanes[lane] = next[lane];
            }
            for (int lane = 0; lane < warp_size; lane++) static_cast<T*>(outputs)[lane] = lanes[lane];
        },
        &value, sizeof value, &result, sizeof result, DFTNATIVE_CALLER_LOCATION);
    return result;
#else
#pragma unroll
    for (int distance = LANES / 2; distance > 0; distance /= 2) {
        value = Operation::combine(value, __shfl_xor_sync(0xFFFFFFFFu, value, distance));
    }
    return value;
#endif
}

/// Whether the predicate holds in any lane of the warp, by vote.sync.any. All 32 lanes call it.
__device__ __forceinline__ bool warp_any(bool predicate DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    bool result;
    emulator::runtime->warp_collective(
        [](const void* inputs, void* outputs) {
            bool any = false;
            for (int lane = 0; lane < warp_size; lane++) any = any || static_cast<const bool*>(inputs)[lane];
            for (int lane = 0; lane < warp_size; lane++) static_cast<bool*>(outputs)[lane] = any;
        },
        &predicate, sizeof predicate, &result, sizeof result, DFTNATIVE_CALLER_LOCATION);
    return result;
#else
    return __any_sync(0xFFFFFFFFu, predicate);
#endif
}

__device__ __forceinline__ float warp_sum(float value DFTNATIVE_CALLER) { return warp_reduce<Sum>(value DFTNATIVE_PASS_CALLER); }
__device__ __forceinline__ float warp_max(float value DFTNATIVE_CALLER) { return warp_reduce<Maximum>(value DFTNATIVE_PASS_CALLER); }

/// The sum over each aligned group of `width` lanes, a power of two, in every lane of it: a butterfly as above. All 32
/// lanes call it, with one width.
__device__ __forceinline__ float warp_group_sum(float value, int width DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    struct Input {
        float value;
        int width;
    };
    const Input input{value, width};
    float result;
    emulator::runtime->warp_collective(
        [](const void* inputs, void* outputs) {
            const auto* lanes = static_cast<const Input*>(inputs);
            auto* sums = static_cast<float*>(outputs);
            for (int lane = 0; lane < warp_size; lane++) sums[lane] = lanes[lane].value;
            for (int distance = warp_size / 2; distance > 0; distance /= 2) {
                float next[warp_size];
                for (int lane = 0; lane < warp_size; lane++) {
                    next[lane] = distance < lanes[lane].width ? sums[lane] + sums[lane ^ distance] : sums[lane];
                }
                for (int lane = 0; lane < warp_size; lane++) sums[lane] = next[lane];
            }
        },
        &input, sizeof input, &result, sizeof result, DFTNATIVE_CALLER_LOCATION);
    return result;
#else
#pragma unroll
    for (int distance = warp_size / 2; distance > 0; distance /= 2) {
        const float other = __shfl_xor_sync(0xFFFFFFFFu, value, distance);
        if (distance < width) value += other;
    }
    return value;
#endif
}

/// The reduction over a one-dimensional block of whole warps, in every thread. `scratch` may not be touched again before
/// the block's next barrier: there is none after the last read.
template <typename Operation, typename T>
__device__ __forceinline__ T block_reduce(T value, SharedView<T> scratch DFTNATIVE_CALLER) {
    const int lane = threadIdx.x % warp_size;
    const int warp = threadIdx.x / warp_size;
    const int warp_count = blockDim.x / warp_size;
    value = warp_reduce<Operation>(value DFTNATIVE_PASS_CALLER);
    if (lane == 0) store(scratch, warp, value DFTNATIVE_PASS_CALLER);
    __syncthreads();
    const T partial = lane < warp_count ? load(scratch, lane DFTNATIVE_PASS_CALLER) : Operation::identity;
    return warp_reduce<Operation>(partial DFTNATIVE_PASS_CALLER);
}

__device__ __forceinline__ float block_sum(float value, SharedView<float> scratch DFTNATIVE_CALLER) {
    return block_reduce<Sum>(value, scratch DFTNATIVE_PASS_CALLER);
}
__device__ __forceinline__ float block_max(float value, SharedView<float> scratch DFTNATIVE_CALLER) {
    return block_reduce<Maximum>(value, scratch DFTNATIVE_PASS_CALLER);
}
