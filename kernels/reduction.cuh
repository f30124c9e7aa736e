// Sums over a warp and over a block, in a fixed order, so that a kernel's result is the same in every run.
#pragma once
#include "memory.cuh"

constexpr int warp_size = 32;
constexpr int largest_warp_count = 32;

/// Bytes of shared memory that block_sum needs.
constexpr int block_sum_shared_size = largest_warp_count * sizeof(float);

/// The sum over the warp, in every lane: a butterfly, lane distances 16, 8, 4, 2, 1. All 32 lanes call it.
__device__ __forceinline__ float warp_sum(float value DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    float sum;
    emulator::runtime->warp_collective(
        [](const void* inputs, void* outputs) {
            float lanes[warp_size];
            for (int lane = 0; lane < warp_size; lane++) lanes[lane] = static_cast<const float*>(inputs)[lane];
            for (int distance = warp_size / 2; distance > 0; distance /= 2) {
                float next[warp_size];
                for (int lane = 0; lane < warp_size; lane++) next[lane] = lanes[lane] + lanes[lane ^ distance];
                for (int lane = 0; lane < warp_size; lane++) lanes[lane] = next[lane];
            }
            for (int lane = 0; lane < warp_size; lane++) static_cast<float*>(outputs)[lane] = lanes[lane];
        },
        &value, sizeof value, &sum, sizeof sum, DFTNATIVE_CALLER_LOCATION);
    return sum;
#else
#pragma unroll
    for (int distance = warp_size / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(0xFFFFFFFFu, value, distance);
    }
    return value;
#endif
}

/// The sum over a one-dimensional block of whole warps, in every thread. `scratch` may not be touched again before the
/// block's next barrier: there is none after the last read.
__device__ __forceinline__ float block_sum(float value, SharedView<float> scratch) {
    const int lane = threadIdx.x % warp_size;
    const int warp = threadIdx.x / warp_size;
    const int warp_count = blockDim.x / warp_size;
    value = warp_sum(value);
    if (lane == 0) store(scratch, warp, value);
    __syncthreads();
    return warp_sum(lane < warp_count ? load(scratch, lane) : 0.0f);
}
