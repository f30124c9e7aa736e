// Residual add + RMSNorm, forward: one block a row, the row held in registers between its two passes.
//
//   s[t,c]  = bf16(x[t,c] + r[t,c])                         the residual stream, kept for backward (RESIDUAL = 1)
//   s[t,c]  = x[t,c]                                        not written (RESIDUAL = 0)
//   rstd[t] = 1 / sqrt(mean_c s[t,c]^2 + epsilon)           fp32, kept for backward
//   y[t,c]  = bf16(bf16(s[t,c] * rstd[t]) * w[c])           two roundings, as transformers' Qwen2RMSNorm does
//
// x, r, s, y: [tokens, hidden] bf16, rows 16-byte aligned, `…_stride` elements apart; w: [hidden] bf16, 16-byte aligned;
// rstd: [tokens] fp32. s may be x or r themselves: a thread reads a place before it writes it, and no other does.
// Grid: tokens. Block: a multiple of 32, at most THREADS, with block * VECTORS * 8 >= hidden; hidden a multiple of 8.
// residual_rmsnorm_forward reads tokens * hidden * 2 * (1 + RESIDUAL) bytes once, tokens * hidden * 2 from the caches, and
// writes tokens * (hidden * 2 * (1 + RESIDUAL) + 4). From the caches comes w. The sum over c has a fixed order.
// Specialised by: RESIDUAL (0, 1), THREADS (the largest block), VECTORS (16-byte packets a thread holds).
#include "bfloat16.cuh"
#include "reduction.cuh"

extern "C" __global__ void __launch_bounds__(THREADS) residual_rmsnorm_forward(
    const bfloat16* x, const bfloat16* residual, const bfloat16* weight, bfloat16* sum, bfloat16* output, float* rstd,
    int hidden, int x_stride, int residual_stride, int sum_stride, int output_stride, float epsilon) {
    const long long token = blockIdx.x;
    const GlobalView<const bfloat16> x_row{x + token * x_stride, hidden};
    const GlobalView<const bfloat16> residual_row{residual + token * residual_stride, hidden};
    const GlobalView<const bfloat16> weights{weight, hidden};
    const GlobalView<bfloat16> sum_row{sum + token * sum_stride, hidden};
    const GlobalView<bfloat16> output_row{output + token * output_stride, hidden};

    // All loads before the first use: several are in flight at once.
    Packet values[VECTORS];
    Packet residuals[VECTORS];
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
        if (column < hidden) {
            values[v] = load_packet_streaming(x_row, column);
            if (RESIDUAL) residuals[v] = load_packet_streaming(residual_row, column);
        }
    }

    float square_sum = 0.0f;
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
        if (column < hidden) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                unsigned int pair = values[v].words[i];
                if (RESIDUAL) {
                    const unsigned int added = residuals[v].words[i];
                    pair = to_bfloat16_pair(
                        low_bfloat16(pair) + low_bfloat16(added), high_bfloat16(pair) + high_bfloat16(added));
                    values[v].words[i] = pair;
                }
                const float low = low_bfloat16(pair);
                const float high = high_bfloat16(pair);
                square_sum = fmaf(high, high, fmaf(low, low, square_sum));
            }
            if (RESIDUAL) store_packet(sum_row, column, values[v]);
        }
    }

    square_sum = block_sum(square_sum, shared_memory<float>(0, largest_warp_count));
    const float row_rstd = 1.0f / sqrtf(square_sum / static_cast<float>(hidden) + epsilon);
    if (threadIdx.x == 0) store(GlobalView<float>{rstd, static_cast<long long>(gridDim.x)}, token, row_rstd);

#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
        if (column < hidden) {
            const Packet scale = load_packet(weights, column);
            Packet result;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const unsigned int pair = values[v].words[i];
                const unsigned int normalized =
                    to_bfloat16_pair(low_bfloat16(pair) * row_rstd, high_bfloat16(pair) * row_rstd);
                result.words[i] = to_bfloat16_pair(
                    low_bfloat16(normalized) * low_bfloat16(scale.words[i]),
                    high_bfloat16(normalized) * high_bfloat16(scale.words[i]));
            }
            store_packet(output_row, column, result);
        }
    }
}
