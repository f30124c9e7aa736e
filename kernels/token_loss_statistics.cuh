// What token_loss.cu leaves of each row for token_loss_statistics.cu.
#pragma once
#include "memory.cuh"

/// One target's part of the sums: a packet.
struct __align__(16) RowStatistics {
    float loss;
    float log_probability;
    float probability;
    float correct;  // 1 where the target has the largest logit, ties included
};

__device__ __forceinline__ void store_statistics(
    GlobalView<RowStatistics> rows, long long row, RowStatistics statistics DFTNATIVE_CALLER) {
    store_packet(rows, row, __builtin_bit_cast(Packet, statistics) DFTNATIVE_PASS_CALLER);
}

__device__ __forceinline__ RowStatistics load_statistics(GlobalView<const RowStatistics> rows, long long row DFTNATIVE_CALLER) {
    return __builtin_bit_cast(RowStatistics, load_packet(rows, row DFTNATIVE_PASS_CALLER));
}
