// Attention, backward, second of three kernels: the gradients of keys and values, by recomputation (Dao 2023,
// FlashAttention-2), of documents whose queries and keys are the same rows.
//
//   P[i,j]  = exp(scale · q[i]·k[j] - lse[i])               for the queries i ≥ j of the document
//   dS[i,j] = P[i,j] · (dO[i]·v[j] - delta[i])
//   dv[j]   = bf16(Σ_i bf16(P[i,j]) dO[i])                  over the queries of all heads of the group
//   dk[j]   = bf16(scale · Σ_i bf16(dS[i,j]) q[i])
//
// A block takes KEY_ROWS keys of one document and one key/value head, holds their gradients in registers, and goes through
// the heads of the group and, from the diagonal on, the queries, QUERY_ROWS at a time, in ascending order: no atomics, one
// order of summation. Each of its 4 warps owns KEY_ROWS / 4 keys, computes the scores transposed (keys by queries,
// CHUNK queries at a time) and multiplies them from registers. The next queries arrive while these are multiplied. Rows
// that are not the document's are zero in shared memory, statistics included, and add nothing; the causal mask is applied
// in the chunks alone that it cuts, and a warp skips the chunks that see none of its keys.
//
// output_gradient, query: rows of heads · head_dim bf16; key, value, key_gradient, value_gradient: rows of key_heads ·
// head_dim bf16; head_dim a multiple of 8 up to HEAD_DIM; rows 16-byte aligned. log_sum_exp, delta: [heads] rows of fp32.
// tiles: 4 int each, 16-byte aligned: first key, keys (1 … KEY_ROWS), first query (the same row), queries that see the
// first key. Gradients alias nothing.
// Grid: tiles · key_heads, head by head within a tile. Block: THREADS = 128 = 2 · QUERY_ROWS. Shared memory:
// (2 · KEY_ROWS + 4 · QUERY_ROWS) · HEAD_DIM · 2 + 4 · QUERY_ROWS · 4 bytes.
// A block with n keys that m queries see reads 4 · n · head_dim + group · m · (4 · head_dim + 8) bytes by cp.async and 16 of
// its tile in every thread, and writes 4 · n · head_dim; its warp w with keys below n takes, a head, those chunks of CHUNK
// queries c below m with c + CHUNK > w · KEY_ROWS / 4, each 8 · KEY_ROWS / 4 · CHUNK · HEAD_DIM operations.
// Specialised by: HEAD_DIM (64, 128), KEY_ROWS (a multiple of 64), QUERY_ROWS (a multiple of CHUNK), CHUNK (a
// multiple of 16: larger reads shared memory less, smaller leaves registers), THREADS.
#include "attention_tile.cuh"

constexpr int chunk_tiles = CHUNK / 8;
constexpr int warp_rows = KEY_ROWS / (THREADS / warp_size);
constexpr int row_tiles = warp_rows / 16;
constexpr int stage_count = 2;

/// What one step of a block reads, in shared memory.
struct Stage {
    SharedView<bfloat16> queries;
    SharedView<bfloat16> gradients;
    SharedView<float> log_sum_exps;
    SharedView<float> deltas;

    __device__ __forceinline__ explicit Stage(int index) {
        constexpr int key_size = KEY_ROWS * HEAD_DIM * sizeof(bfloat16);
        constexpr int query_size = QUERY_ROWS * HEAD_DIM * sizeof(bfloat16);
        constexpr int statistics = 2 * key_size + 2 * stage_count * query_size;
        queries = shared_tile<QUERY_ROWS>(2 * key_size + 2 * index * query_size);
        gradients = shared_tile<QUERY_ROWS>(2 * key_size + (2 * index + 1) * query_size);
        log_sum_exps = shared_memory<float>(statistics + 2 * index * QUERY_ROWS * static_cast<int>(sizeof(float)), QUERY_ROWS);
        deltas = shared_memory<float>(statistics + (2 * index + 1) * QUERY_ROWS * static_cast<int>(sizeof(float)), QUERY_ROWS);
    }
};

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_key_value(
    StridedRows<const bfloat16> output_gradient, StridedRows<const bfloat16> query, StridedRows<const bfloat16> key,
    StridedRows<const bfloat16> value, StridedRows<const float> log_sum_exp, StridedRows<const float> delta,
    StridedRows<bfloat16> key_gradient, StridedRows<bfloat16> value_gradient,
    const int* tiles, int key_heads, int group, int head_dim, float scale) {
    static_assert(THREADS == 2 * QUERY_ROWS);
    const AttentionTile tile = load_tile(tiles, blockIdx.x / key_heads);
    const int key_head = blockIdx.x % key_heads;
    const int key_column = key_head * head_dim;
    const int lane = threadIdx.x % warp_size;
    const int warp_row = threadIdx.x / warp_size * warp_rows;
    const int steps_of_head = (tile.visible + QUERY_ROWS - 1) / QUERY_ROWS;
    const int steps = group * steps_of_head;

    const SharedView<bfloat16> keys = shared_tile<KEY_ROWS>(0);
    const SharedView<bfloat16> values = shared_tile<KEY_ROWS>(KEY_ROWS * HEAD_DIM * sizeof(bfloat16));
    const auto copy_step = [&](int step) {
        const Stage stage(step % stage_count);
        const int head = key_head * group + step / steps_of_head;
        const int first = step % steps_of_head * QUERY_ROWS;
        const int remaining = tile.visible - first;
        const long long first_row = tile.other_row + first;
        copy_tile_async<QUERY_ROWS>(stage.queries, query, first_row, head * head_dim, remaining, head_dim);
        copy_tile_async<QUERY_ROWS>(stage.gradients, output_gradient, first_row, head * head_dim, remaining, head_dim);
        const int row = threadIdx.x % QUERY_ROWS;
        const bool first_half = threadIdx.x < QUERY_ROWS;
        const auto statistics = (first_half ? log_sum_exp : delta).row(head, first_row, remaining);
        copy_element_async(first_half ? stage.log_sum_exps : stage.deltas, row, statistics, row, row < remaining);
        commit_async_copies();
    };

    float key_sum[row_tiles][head_tiles][4];
    float value_sum[row_tiles][head_tiles][4];
    clear(key_sum);
    clear(value_sum);
    copy_tile_async<KEY_ROWS>(keys, key, tile.row, key_column, tile.row_count, head_dim);
    copy_tile_async<KEY_ROWS>(values, value, tile.row, key_column, tile.row_count, head_dim);
    copy_step(0);
    const float scale_log2 = scale * log2_of_e;
    for (int step = 0; step < steps; step++) {
        wait_for_async_copies<0>();
        __syncthreads();  // this step's rows are there, and nobody reads the last step's any more
        if (step + 1 < steps) copy_step(step + 1);
        if (warp_row >= tile.row_count) continue;

        const Stage stage(step % stage_count);
        const int first_query = step % steps_of_head * QUERY_ROWS;
#pragma unroll 1
        for (int chunk = 0; chunk < QUERY_ROWS; chunk += CHUNK) {
            // Rows and queries are counted from the tile's first row.
            const int first = first_query + chunk;
            float scores[row_tiles][chunk_tiles][4];
            float gradients[row_tiles][chunk_tiles][4];
            clear(scores);
            clear(gradients);
            if (first + CHUNK <= warp_row || first >= tile.visible) continue;
            multiply_by_rows(scores, keys, warp_row, stage.queries, chunk);
            multiply_by_rows(gradients, values, warp_row, stage.gradients, chunk);
            const bool is_cut = first < warp_row + warp_rows - 1;
#pragma unroll
            for (int n = 0; n < chunk_tiles; n++) {
#pragma unroll
                for (int column = 0; column < 2; column++) {
                    const int place = 8 * n + lane % 4 * 2 + column;
                    const float shift = load(stage.log_sum_exps, chunk + place) * log2_of_e;
                    const float mean = load(stage.deltas, chunk + place);
#pragma unroll
                    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                        for (int i = column; i < 4; i += 2) {
                            float probability = exp2_approximate(fmaf(scores[m][n][i], scale_log2, -shift));
                            if (is_cut && warp_row + 16 * m + i / 2 * 8 + lane / 4 > first + place) probability = 0.0f;
                            scores[m][n][i] = probability;
                            gradients[m][n][i] = probability * (gradients[m][n][i] - mean);
                        }
                    }
                }
            }
            multiply_by_columns(value_sum, scores, stage.gradients, chunk);
            multiply_by_columns(key_sum, gradients, stage.queries, chunk);
        }
    }

    if (warp_row >= tile.row_count) return;
    float key_factor[row_tiles][2];
    float value_factor[row_tiles][2];
#pragma unroll
    for (int m = 0; m < row_tiles; m++) {
        key_factor[m][0] = key_factor[m][1] = scale;
        value_factor[m][0] = value_factor[m][1] = 1.0f;
    }
    store_rows<row_tiles>(key_sum, key_factor, keys, warp_row, key_gradient, tile.row, key_column, tile.row_count, head_dim);
    store_rows<row_tiles>(value_sum, value_factor, values, warp_row, value_gradient, tile.row, key_column, tile.row_count, head_dim);
}
