// Adds the rows' parts that token_loss.cu left to the statistics vector.
//
//   statistics[0 .. 4] += rows, sum loss, sum -log p, sum p, sum correct
//   statistics[5 + b]  += rows whose p is in bin b of 64 equal bins of [0, 1]; p = 1 is in the last, NaN in none
//
// row_statistics: [rows] of RowStatistics, 16-byte aligned; statistics: [69] fp64, added to.
// Grid: 1. Block: 512: the sums of rows t, t + 512, ... by thread t and then by halves, all fp64, so their order is fixed;
// four bins of the histogram a warp, counted exactly.
// token_loss_statistics reads 0 bytes once, rows * 16 * 17 + 552 from the caches, and writes 552. The rows' parts are read
// once by all threads and then once by each warp.
// Specialised by: nothing.
#include "double_reduction.cuh"
#include "reduction.cuh"
#include "token_loss_statistics.cuh"

constexpr int threads = 512;
constexpr int warps = threads / warp_size;
constexpr int sums = 5;
constexpr int bins = 64;
constexpr int bins_per_warp = bins / warps;

__device__ __forceinline__ void add_to(GlobalView<double> statistics, int index, double value) {
    store(statistics, index, load(GlobalView<const double>{statistics.data, statistics.length}, index) + value);
}

extern "C" __global__ void __launch_bounds__(threads) token_loss_statistics(
    const RowStatistics* row_statistics, int rows, double* statistics) {
    const GlobalView<const RowStatistics> parts{row_statistics, rows};
    const GlobalView<double> totals{statistics, sums + bins};
    const int thread = threadIdx.x;

    double loss = 0.0;
    double negative_log_likelihood = 0.0;
    double probability = 0.0;
    double correct = 0.0;
    for (int row = thread; row < rows; row += threads) {
        const RowStatistics part = load_statistics(parts, row);
        loss += static_cast<double>(part.loss);
        negative_log_likelihood -= static_cast<double>(part.log_probability);
        probability += static_cast<double>(part.probability);
        correct += static_cast<double>(part.correct);
    }
    loss = block_sum(loss, shared_memory<double>(0, threads));
    negative_log_likelihood = block_sum(negative_log_likelihood, shared_memory<double>(threads * 8, threads));
    probability = block_sum(probability, shared_memory<double>(threads * 16, threads));
    correct = block_sum(correct, shared_memory<double>(threads * 24, threads));
    if (thread == 0) {
        add_to(totals, 0, static_cast<double>(rows));
        add_to(totals, 1, loss);
        add_to(totals, 2, negative_log_likelihood);
        add_to(totals, 3, probability);
        add_to(totals, 4, correct);
    }

    // Counts are whole numbers below 2^24 a warp, so their sum in fp32 is exact.
    const int first_bin = thread / warp_size * bins_per_warp;
    float counts[bins_per_warp] = {};
    for (int row = thread % warp_size; row < rows; row += warp_size) {
        const float p = load_statistics(parts, row).probability;
        const int bin = p >= 1.0f ? bins - 1 : p >= 0.0f ? static_cast<int>(p * static_cast<float>(bins)) : -1;
#pragma unroll
        for (int i = 0; i < bins_per_warp; i++) counts[i] += bin == first_bin + i ? 1.0f : 0.0f;
    }
#pragma unroll
    for (int i = 0; i < bins_per_warp; i++) {
        const float count = warp_sum(counts[i]);
        if (thread % warp_size == 0) add_to(totals, sums + first_bin + i, static_cast<double>(count));
    }
}
