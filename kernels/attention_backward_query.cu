// Attention, backward, third of three kernels: the gradients of queries. P and dS as in attention_backward_key_value.cu.
//
//   dq[i] = bf16(scale · Σ_j bf16(dS[i,j]) k[j])            over the keys that query i sees
//
// A block takes QUERY_ROWS queries of one document and one head and goes through the keys that they see, KEY_ROWS at a
// time, in ascending order; each of its 4 warps owns QUERY_ROWS / 4 queries and takes CHUNK keys at a time. The next keys
// and values arrive while these are multiplied. Rows that are not the document's are zero in shared memory; the causal
// mask is applied in the chunks alone that it cuts, and a warp skips the chunks that it cannot see.
//
// output_gradient, query, query_gradient: rows of heads · head_dim bf16; key, value: rows of (heads / group) · head_dim
// bf16; head_dim a multiple of 8 up to HEAD_DIM; rows 16-byte aligned. log_sum_exp, delta: [heads] rows of fp32. tiles: as
// attention_forward.cu's. query_gradient aliases nothing.
// Grid: tiles · heads, head by head within a tile. Block: THREADS = 128. Shared memory: (2 · QUERY_ROWS + 4 · KEY_ROWS) ·
// HEAD_DIM · 2 bytes.
// A block with n queries, the first of which sees v keys, reads 4 · head_dim · (n + v + n - 1) bytes by cp.async, 16 of its
// tile in every thread and 32 of statistics a query, and writes 2 · n · head_dim; its warp w with queries below n takes
// ceil(min(v + n - 1, v + (w + 1) · QUERY_ROWS / 4 - 1) / CHUNK) chunks, each 6 · QUERY_ROWS / 4 · CHUNK · HEAD_DIM operations.
// Specialised by: HEAD_DIM (64, 128), QUERY_ROWS (a multiple of 64), KEY_ROWS (a multiple of CHUNK), CHUNK (a multiple of
// 16: larger reads shared memory less, smaller leaves registers), THREADS.
#include "attention_tile.cuh"

constexpr int chunk_tiles = CHUNK / 8;
constexpr int warp_rows = QUERY_ROWS / (THREADS / warp_size);
constexpr int row_tiles = warp_rows / 16;
constexpr int stage_count = 2;
constexpr int query_size = QUERY_ROWS * HEAD_DIM * sizeof(bfloat16);
constexpr int key_size = KEY_ROWS * HEAD_DIM * sizeof(bfloat16);

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_query(
    StridedRows<const bfloat16> output_gradient, StridedRows<const bfloat16> query, StridedRows<const bfloat16> key,
    StridedRows<const bfloat16> value, StridedRows<const float> log_sum_exp, StridedRows<const float> delta,
    StridedRows<bfloat16> query_gradient, const int* tiles, int heads, int group, int head_dim, float scale) {
    const AttentionTile tile = load_tile(tiles, blockIdx.x / heads);
    const int head = blockIdx.x % heads;
    const int query_column = head * head_dim;
    const int key_column = head / group * head_dim;
    const int key_count = tile.visible + tile.row_count - 1;
    const int lane = threadIdx.x % warp_size;
    const int warp_row = threadIdx.x / warp_size * warp_rows;
    // Keys that the warp's first query sees, and its last.
    const int first_visible = tile.visible + warp_row;
    const int last_visible = warp_row < tile.row_count ? first_visible + warp_rows - 1 : 0;

    const SharedView<bfloat16> queries = shared_tile<QUERY_ROWS>(0);
    const SharedView<bfloat16> output_gradients = shared_tile<QUERY_ROWS>(query_size);
    const auto copy_step = [&](int stage, int first) {
        const int offset = 2 * query_size + 2 * stage * key_size;
        const long long first_row = tile.other_row + first;
        copy_tile_async<KEY_ROWS>(shared_tile<KEY_ROWS>(offset), key, first_row, key_column, key_count - first, head_dim);
        copy_tile_async<KEY_ROWS>(shared_tile<KEY_ROWS>(offset + key_size), value, first_row, key_column, key_count - first, head_dim);
        commit_async_copies();
    };

    float shift[row_tiles][2];
    float mean[row_tiles][2];
    const auto log_sum_exps = log_sum_exp.row(head, tile.row, tile.row_count);
    const auto deltas = delta.row(head, tile.row, tile.row_count);
#pragma unroll
    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = warp_row + 16 * m + 8 * half + lane / 4;
            const bool exists = row < tile.row_count;
            shift[m][half] = exists ? load(log_sum_exps, row) * log2_of_e : 0.0f;
            mean[m][half] = exists ? load(deltas, row) : 0.0f;
        }
    }

    float sum[row_tiles][head_tiles][4];
    clear(sum);
    copy_tile_async<QUERY_ROWS>(queries, query, tile.row, query_column, tile.row_count, head_dim);
    copy_tile_async<QUERY_ROWS>(output_gradients, output_gradient, tile.row, query_column, tile.row_count, head_dim);
    copy_step(0, 0);
    const float scale_log2 = scale * log2_of_e;
    for (int first_key = 0, stage = 0; first_key < key_count; first_key += KEY_ROWS, stage ^= 1) {
        wait_for_async_copies<0>();
        __syncthreads();  // this step's rows are there, and nobody reads the last step's any more
        if (first_key + KEY_ROWS < key_count) copy_step(stage ^ 1, first_key + KEY_ROWS);

        const int offset = 2 * query_size + 2 * stage * key_size;
        const SharedView<bfloat16> keys = shared_tile<KEY_ROWS>(offset);
        const SharedView<bfloat16> values = shared_tile<KEY_ROWS>(offset + key_size);
#pragma unroll 1
        for (int chunk = 0; chunk < KEY_ROWS; chunk += CHUNK) {
            const int first = first_key + chunk;
            float scores[row_tiles][chunk_tiles][4];
            float gradients[row_tiles][chunk_tiles][4];
            clear(scores);
            clear(gradients);
            if (first >= last_visible || first >= key_count) break;
            multiply_by_rows(scores, queries, warp_row, keys, chunk);
            multiply_by_rows(gradients, output_gradients, warp_row, values, chunk);
            const bool is_cut = first + CHUNK > first_visible;
#pragma unroll
            for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                for (int n = 0; n < chunk_tiles; n++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        float probability = exp2_approximate(fmaf(scores[m][n][i], scale_log2, -shift[m][i / 2]));
                        const int visible = first_visible + 16 * m + i / 2 * 8 + lane / 4;
                        if (is_cut && first + 8 * n + lane % 4 * 2 + i % 2 >= visible) probability = 0.0f;
                        gradients[m][n][i] = probability * (gradients[m][n][i] - mean[m][i / 2]);
                    }
                }
            }
            multiply_by_columns(sum, gradients, keys, chunk);
        }
    }

    if (warp_row >= tile.row_count) return;
    float factor[row_tiles][2];
#pragma unroll
    for (int m = 0; m < row_tiles; m++) factor[m][0] = factor[m][1] = scale;
    store_rows<row_tiles>(sum, factor, queries, warp_row, query_gradient, tile.row, query_column, tile.row_count, head_dim);
}
