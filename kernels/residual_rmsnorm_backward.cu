// Residual add + RMSNorm, backward. Blocks stay and take rows in turn, each row held in registers between its two passes
// while the next is on its way; a block sums its rows' part of the weight gradient in registers and leaves it to
// column_sum_finish.
//
//   n[t,c]  = s[t,c] * rstd[t],  g[t,c] = dy[t,c] * w[c]
//   ds[t,c] = bf16([ds[t,c] +] rstd[t] * (g[t,c] - n[t,c] * mean_c(g * n)))         added to if `accumulate`
//   partials[b,c] = sum over block b's rows of dy[t,c] * n[t,c]                     fp32
//
// n and g stay fp32 and ds is rounded once: transformers rounds both to bf16 in between, this is nearer to the formula.
// dy, s, ds: [tokens, hidden] bf16, rows 16-byte aligned, `…_stride` elements apart; w: [hidden] bf16, 16-byte aligned;
// rstd: [tokens] fp32; partials: [grid, hidden] fp32, 16-byte aligned. ds may be dy or s themselves: a thread reads a
// place before it writes it, and no other does.
// Grid: at most `tokens`; block b takes rows b, b + grid, … Block: a multiple of 32, at most THREADS, with
// block * VECTORS * 8 >= hidden; hidden a multiple of 8. Shared: 2 * 32 fp32.
// residual_rmsnorm_backward reads tokens * hidden * 2 * (2 + accumulate) bytes once,
// tokens * 2 * hidden * 2 + tokens * min(block, hidden / 8) * 4 from the caches, and writes
// tokens * hidden * 2 + grid * hidden * 4. From the caches come w, twice, and rstd. Every sum has a fixed order.
// Specialised by: THREADS (the largest block), VECTORS (16-byte packets a thread holds).
#include "bfloat16.cuh"
#include "float_packet.cuh"
#include "reduction.cuh"

/// A thread's part of a row's operands, as loaded.
struct Row {
    Packet gradients[VECTORS];
    Packet values[VECTORS];
    Packet earlier[VECTORS];
    float rstd;
};

/// The next row is loaded while one is worked on; a thread of more packets has no registers for two rows.
constexpr bool loads_ahead = VECTORS <= 2;

extern "C" __global__ void __launch_bounds__(THREADS) residual_rmsnorm_backward(
    const bfloat16* output_gradient, const bfloat16* sum, const bfloat16* weight, const float* rstd,
    bfloat16* sum_gradient, float* partials, int tokens, int hidden, int output_gradient_stride, int sum_stride,
    int sum_gradient_stride, int accumulate) {
    const GlobalView<const bfloat16> weights{weight, hidden};
    float weight_gradients[VECTORS][bfloat16_per_packet] = {};

    // All loads before the first use: several are in flight at once.
    const auto load_row = [&](Row& row, long long token) {
        const GlobalView<const bfloat16> output_gradient_row{output_gradient + token * output_gradient_stride, hidden};
        const GlobalView<const bfloat16> sum_row{sum + token * sum_stride, hidden};
        const GlobalView<const bfloat16> earlier_row{sum_gradient + token * sum_gradient_stride, hidden};
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
            if (column < hidden) {
                row.gradients[v] = load_packet_streaming(output_gradient_row, column);
                row.values[v] = load_packet_streaming(sum_row, column);
                if (accumulate) {
                    row.earlier[v] = load_packet_streaming(earlier_row, column);
                } else {
                    row.earlier[v] = {};
                }
            }
        }
        // Under a mask, that it may stay in flight: a number that is one for the whole block goes to a uniform register, and
        // on the way there its load is waited for.
        row.rstd = 0.0f;
        if (static_cast<int>(threadIdx.x) * bfloat16_per_packet < hidden) row.rstd = load(GlobalView<const float>{rstd, tokens}, token);
    };

    Row next;
    if (loads_ahead) load_row(next, blockIdx.x);
    int turn = 0;
    for (long long token = blockIdx.x; token < tokens; token += gridDim.x) {
        Row row;
        if (loads_ahead) {
            row = next;
            if (token + gridDim.x < tokens) load_row(next, token + gridDim.x);
        } else {
            load_row(row, token);
        }
        const GlobalView<bfloat16> sum_gradient_row{sum_gradient + token * sum_gradient_stride, hidden};

        // dy * s and dy * w are exact in fp32, whose 24 bits hold a product of two 8-bit significands.
        float dot = 0.0f;
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
            if (column < hidden) {
                const Packet scale = load_packet(weights, column);
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    const float low = low_bfloat16(row.gradients[v].words[i]) * low_bfloat16(row.values[v].words[i]);
                    const float high = high_bfloat16(row.gradients[v].words[i]) * high_bfloat16(row.values[v].words[i]);
                    weight_gradients[v][2 * i] = fmaf(low, row.rstd, weight_gradients[v][2 * i]);
                    weight_gradients[v][2 * i + 1] = fmaf(high, row.rstd, weight_gradients[v][2 * i + 1]);
                    dot = fmaf(low, low_bfloat16(scale.words[i]), dot);
                    dot = fmaf(high, high_bfloat16(scale.words[i]), dot);
                }
            }
        }

        // Two halves of scratch in turns: a warp that is a row ahead writes where none reads any more.
        dot = block_sum(dot, shared_memory<float>(turn * block_reduction_shared_size, largest_warp_count));
        turn ^= 1;

        // n * mean(g * n) = s * (rstd^2 * sum(g * s) / hidden)
        const float projection = row.rstd * row.rstd * (dot / static_cast<float>(hidden));
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
            if (column < hidden) {
                // From L1 once more: kept in registers, it makes the widest rows spill.
                const Packet scale = load_packet(weights, column);
                Packet result;
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    const float low = low_bfloat16(row.gradients[v].words[i]) * low_bfloat16(scale.words[i]);
                    const float high = high_bfloat16(row.gradients[v].words[i]) * high_bfloat16(scale.words[i]);
                    result.words[i] = to_bfloat16_pair(
                        fmaf(row.rstd, fmaf(-projection, low_bfloat16(row.values[v].words[i]), low),
                             low_bfloat16(row.earlier[v].words[i])),
                        fmaf(row.rstd, fmaf(-projection, high_bfloat16(row.values[v].words[i]), high),
                             high_bfloat16(row.earlier[v].words[i])));
                }
                store_packet(sum_gradient_row, column, result);
            }
        }
    }

    const GlobalView<float> partial{partials + static_cast<long long>(blockIdx.x) * hidden, hidden};
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        const int column = (v * blockDim.x + threadIdx.x) * bfloat16_per_packet;
        if (column < hidden) {
            store_packet(partial, column, to_packet(weight_gradients[v]));
            store_packet(partial, column + floats_per_packet, to_packet(weight_gradients[v] + floats_per_packet));
        }
    }
}
