// Backward of the embedding: each distinct token's row of the table's gradient, one owner a token and channel block.
//
//   dtable[tokens[d],c] += sum over i in [row_starts[d], row_starts[d + 1]) of dy[rows[i],c], added in that order, in fp32
//
// With BFLOAT16 the sum is then rounded stochastically, by the bits of Philox(counter.key, counter.low + i / 8, counter.high)
// for element i of dtable, a half word each.
// tokens: [distinct] int32, all different; row_starts: [distinct + 1] int32; rows: [row_count] int32;
// dy: [_, hidden] bf16 and dtable: [_, hidden] fp32 or bf16, rows 16-byte aligned, `…_stride` elements apart; hidden a multiple of 8.
// A thread owns 8 channels and has four rows' loads in flight. Grid: (distinct, ceil(hidden / 8 / 128)). Block: 128.
// embedding_backward reads row_count * hidden * 2 + distinct * hidden * (4 - 2 * BFLOAT16) bytes once,
// distinct * hidden / 8 * 12 + row_count * hidden / 8 * 4 from the caches, and writes distinct * hidden * (4 - 2 * BFLOAT16).
// From the caches, nearly all L1, every thread has its token, two starts and its rows' indices.
// Specialised by: BFLOAT16 (the type of dtable; 0: fp32, 1: bf16).
#include "float_packet.cuh"
#include "stochastic_rounding.cuh"

constexpr int block = 128;
constexpr int loads_in_flight = 4;

#if BFLOAT16
using Gradient = bfloat16;

__device__ __forceinline__ void load_sums(GlobalView<Gradient> row, int column, float (&sums)[bfloat16_per_packet]) {
    add_packet(sums, load_packet_streaming(GlobalView<const Gradient>{row.data, row.length}, column));
}

__device__ __forceinline__ void store_sums(
    GlobalView<Gradient> row, int column, const float (&sums)[bfloat16_per_packet], const RandomCounter& counter,
    long long element) {
    store_packet(row, column, round_stochastically(sums, random_of_group(counter, element / bfloat16_per_packet)));
}
#else
using Gradient = float;

__device__ __forceinline__ void load_sums(GlobalView<Gradient> row, int column, float (&sums)[bfloat16_per_packet]) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const Packet packet =
            load_packet_streaming(GlobalView<const Gradient>{row.data, row.length}, column + half * floats_per_packet);
#pragma unroll
        for (int i = 0; i < floats_per_packet; i++) sums[half * floats_per_packet + i] = float_of(packet, i);
    }
}

__device__ __forceinline__ void store_sums(
    GlobalView<Gradient> row, int column, const float (&sums)[bfloat16_per_packet], const RandomCounter&, long long) {
    store_packet(row, column, to_packet(sums));
    store_packet(row, column + floats_per_packet, to_packet(sums + floats_per_packet));
}
#endif

extern "C" __global__ void __launch_bounds__(block) embedding_backward(
    const int* tokens, const int* row_starts, const int* rows, const bfloat16* output_gradient, Gradient* table_gradient,
    int row_count, int hidden, int output_gradient_stride, int table_gradient_stride, RandomCounter counter) {
    const int column = (blockIdx.y * block + threadIdx.x) * bfloat16_per_packet;
    if (column >= hidden) return;

    const long long distinct = gridDim.x;
    const long long token = load(GlobalView<const int>{tokens, distinct}, blockIdx.x);
    const GlobalView<const int> starts{row_starts, distinct + 1};
    const GlobalView<const int> row_indices{rows, row_count};
    const GlobalView<Gradient> sum_row{table_gradient + token * table_gradient_stride, hidden};

    float sums[bfloat16_per_packet] = {};
    load_sums(sum_row, column, sums);

    const int end = load(starts, blockIdx.x + 1);
    int place = load(starts, blockIdx.x);
    for (; place + loads_in_flight <= end; place += loads_in_flight) {
        Packet packets[loads_in_flight];
#pragma unroll
        for (int i = 0; i < loads_in_flight; i++) {
            const long long row = load(row_indices, place + i);
            packets[i] = load_packet_streaming(
                GlobalView<const bfloat16>{output_gradient + row * output_gradient_stride, hidden}, column);
        }
#pragma unroll
        for (int i = 0; i < loads_in_flight; i++) add_packet(sums, packets[i]);
    }
    for (; place < end; place++) {
        const long long row = load(row_indices, place);
        add_packet(sums, load_packet_streaming(
            GlobalView<const bfloat16>{output_gradient + row * output_gradient_stride, hidden}, column));
    }

    store_sums(sum_row, column, sums, counter, token * table_gradient_stride + column);
}
