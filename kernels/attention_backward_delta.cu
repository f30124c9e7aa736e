// Attention, backward, first of three kernels: what the softmax's gradient subtracts.
//
//   delta[h,i] = Σ_c gradient[i,h,c] · output[i,h,c]        fp32, in a fixed order
//
// It equals Σ_j P[i,j]·dP[i,j], the mean of the probabilities' gradients (Dao et al. 2022, FlashAttention).
// A block takes a tile of queries and one head; HEAD_DIM / 8 neighbouring lanes share a row.
//
// output_gradient, output: rows of heads · head_dim bf16; head_dim a multiple of 8 up to HEAD_DIM; rows 16-byte aligned.
// delta: [heads] rows of fp32, a query a column. tiles: as attention_forward.cu's, of QUERY_ROWS queries.
// Grid: tiles · heads, head by head within a tile. Block: THREADS = 128. No shared memory.
// A block of n queries reads 2 · n · head_dim · 2 bytes, and 16 of its tile in every thread, and writes n · 4.
// Specialised by: HEAD_DIM (64, 128), QUERY_ROWS, THREADS.
#include "attention_tile.cuh"

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_delta(
    StridedRows<const bfloat16> output_gradient, StridedRows<const bfloat16> output, StridedRows<float> delta,
    const int* tiles, int heads, int head_dim) {
    const AttentionTile tile = load_tile(tiles, blockIdx.x / heads);
    const int head = blockIdx.x % heads;
    const GlobalView<float> sums = delta.row(head, tile.row, tile.row_count);
    const int column = threadIdx.x % tile_chunks * bfloat16_per_packet;
    constexpr int rows_at_once = THREADS / tile_chunks;
#pragma unroll 4
    for (int i = 0; i < QUERY_ROWS / rows_at_once; i++) {
        const int row = threadIdx.x / tile_chunks + i * rows_at_once;
        float sum = 0.0f;
        if (row < tile.row_count && column < head_dim) {
            const Packet gradients = load_packet(output_gradient.row(tile.row + row, head * head_dim, head_dim), column);
            const Packet outputs = load_packet_streaming(output.row(tile.row + row, head * head_dim, head_dim), column);
#pragma unroll
            for (int word = 0; word < 4; word++) {
                sum = fmaf(low_bfloat16(gradients.words[word]), low_bfloat16(outputs.words[word]), sum);
                sum = fmaf(high_bfloat16(gradients.words[word]), high_bfloat16(outputs.words[word]), sum);
            }
        }
        sum = warp_reduce<Sum, tile_chunks>(sum);
        if (column == 0 && row < tile.row_count) store(sums, row, sum);
    }
}
