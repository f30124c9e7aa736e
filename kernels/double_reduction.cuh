// Sums in fp64 over a block, in a fixed order. By shared memory alone: they end a kernel, once a block, where a warp's
// shuffles would save microseconds.
#pragma once
#include "memory.cuh"

/// The sum over a one-dimensional block whose size is a power of two, in every thread: halves are added to halves.
/// `scratch` holds a number a thread, and may not be touched again before the block's next barrier.
__device__ __forceinline__ double block_sum(double value, SharedView<double> scratch DFTNATIVE_CALLER) {
    const int thread = threadIdx.x;
    store(scratch, thread, value DFTNATIVE_PASS_CALLER);
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        __syncthreads();
        if (thread < half) {
            const double sum =
                load(scratch, thread DFTNATIVE_PASS_CALLER) + load(scratch, thread + half DFTNATIVE_PASS_CALLER);
            store(scratch, thread, sum DFTNATIVE_PASS_CALLER);
        }
    }
    __syncthreads();
    return load(scratch, 0 DFTNATIVE_PASS_CALLER);
}
