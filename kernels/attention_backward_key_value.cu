// Attention, backward, second of two kernels: the gradients of keys and values. P and dS as in attention_backward_query.cu,
// whose delta it takes.
//
//   dv[j] = bf16(Σ_i bf16(P[i,j]) dO[i])                    over the queries i ≥ j of all heads of the group
//   dk[j] = bf16(scale · Σ_i bf16(dS[i,j]) q[i])
//
// A block takes KEY_ROWS keys of one document and one key/value head, holds their gradients in registers, and goes through
// the heads of the group and, from the diagonal on, the queries, QUERY_ROWS at a time, in ascending order: no atomics, one
// order of summation. Each of its 4 warps owns KEY_ROWS / 4 keys, computes the scores transposed (keys by queries,
// CHUNK queries at a time) and multiplies them from registers, where its keys stay, and its values too if they are 16: what
// it reads of shared memory are then the queries and dO alone, twice each. Rows that are not the document's are zero in
// shared memory, statistics included, and add nothing; the causal mask is applied in a branch that only the chunks that it
// cuts take, and a warp skips the chunks that see none of its keys.
//
// Queries, dO and statistics have two stages: one wait and one barrier a step, as in attention_forward.cu. Before the
// steps, one of each for keys and values, which lie in the second stage (the first step's rows may still be under way), or
// in both; then a barrier more, before the first step's rows overwrite them. After the steps, one before the gradients
// change hands in the last rows' place.
//
// output_gradient, query: rows of heads · head_dim bf16; key, value, key_gradient, value_gradient: rows of key_heads ·
// head_dim bf16; head_dim a multiple of 8 up to HEAD_DIM; rows 16-byte aligned. log_sum_exp, delta: [heads] rows of fp32.
// tiles: 4 int each, 16-byte aligned: first key, keys (1 … KEY_ROWS), first query (the same row), queries that see the
// first key. Gradients alias nothing.
// Grid: tiles · key_heads, head by head within a tile: blocks that run side by side go through the same queries, which
// stay in the L2 cache. Block: THREADS = 128 ≥ 2 · QUERY_ROWS. Shared memory: (4 · QUERY_ROWS + KEY_ROWS if a warp has more
// than 16 keys) · HEAD_DIM · 2 + 4 · QUERY_ROWS · 4 bytes.
// A block with n keys that m queries see reads 4 · n · head_dim + group · m · (4 · head_dim + 8) bytes by cp.async and 16 of
// its tile in every thread, and writes 4 · n · head_dim, in group · ceil(m / QUERY_ROWS) steps; its warp w with keys below n
// takes, a head, those chunks of CHUNK queries c below m with c + CHUNK > w · R, R being its keys, each 8 · R · CHUNK ·
// HEAD_DIM operations: of a causal document of T rows at most (T + CHUNK + R) / T of the visible pairs' work; at T = 4096
// with 16 of both 0.4 % too much.
// Specialised by: HEAD_DIM (64, 128), KEY_ROWS (a multiple of 64), QUERY_ROWS (a multiple of CHUNK), CHUNK (a
// multiple of 16: larger reads shared memory less, smaller leaves registers), THREADS.
#include "attention_tile.cuh"

constexpr int chunk_tiles = CHUNK / 8;
constexpr int warp_rows = KEY_ROWS / (THREADS / warp_size);
constexpr int row_tiles = warp_rows / 16;
constexpr int stage_count = 2;
constexpr int key_size = KEY_ROWS * HEAD_DIM * sizeof(bfloat16);
constexpr int query_size = QUERY_ROWS * HEAD_DIM * sizeof(bfloat16);
constexpr int stage_size = 2 * query_size;
constexpr int stages_size = stage_count * stage_size;
// Both operands in registers leave no room for more than 16 keys of a warp.
constexpr bool keeps_values = row_tiles == 1;
constexpr int values_size = keeps_values ? 0 : key_size;  // of shared memory, for the whole of the block's life
// Where what goes to registers fits into the second stage, the first step's rows arrive beside it.
constexpr int kept_size = keeps_values ? 2 * key_size : key_size;
constexpr bool first_step_is_early = kept_size <= stage_size;
constexpr int first_kept = first_step_is_early ? stage_size : 0;
static_assert(first_kept + kept_size <= stages_size);

/// What one step of a block reads, in shared memory.
struct Stage {
    SharedView<bfloat16> queries;
    SharedView<bfloat16> gradients;
    SharedView<float> statistics;  // of each query log-sum-exp and delta

    __device__ __forceinline__ explicit Stage(int index) {
        constexpr int length = 2 * QUERY_ROWS;
        queries = shared_tile<QUERY_ROWS>(index * stage_size);
        gradients = shared_tile<QUERY_ROWS>(index * stage_size + query_size);
        statistics = shared_memory<float>(stages_size + values_size + index * length * static_cast<int>(sizeof(float)), length);
    }
};

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_key_value(
    StridedRows<const bfloat16> output_gradient, StridedRows<const bfloat16> query, StridedRows<const bfloat16> key,
    StridedRows<const bfloat16> value, StridedRows<const float> log_sum_exp, StridedRows<const float> delta,
    StridedRows<bfloat16> key_gradient, StridedRows<bfloat16> value_gradient,
    const int* tiles, int key_heads, int group, int head_dim, float scale) {
    static_assert(2 * QUERY_ROWS <= THREADS);
    const AttentionTile tile = load_tile(tiles, blockIdx.x / key_heads);
    const int key_head = blockIdx.x % key_heads;
    const int key_column = key_head * head_dim;
    const int lane = threadIdx.x % warp_size;
    const int warp_row = threadIdx.x / warp_size * warp_rows;
    // Rows and queries are counted from the tile's first row. No query sees the keys of a warp that has none.
    const int first_seen = warp_row < tile.row_count ? warp_row : tile.visible + CHUNK;

    const SharedView<bfloat16> keys = shared_tile<KEY_ROWS>(first_kept);
    const SharedView<bfloat16> values = shared_tile<KEY_ROWS>(keeps_values ? first_kept + key_size : stages_size);
    const auto copy_step = [&](int stage_index, int head, int first) {
        const Stage stage(stage_index);
        const int remaining = tile.visible - first;
        const int first_row = tile.row + first;
        copy_tile_async<QUERY_ROWS>(stage.queries, query, first_row, head * head_dim, remaining, head_dim);
        copy_tile_async<QUERY_ROWS>(stage.gradients, output_gradient, first_row, head * head_dim, remaining, head_dim);
        // Two branches rather than a choice of operands, whose addresses ptxas would keep.
        const int row = threadIdx.x % QUERY_ROWS;
        if (threadIdx.x < QUERY_ROWS) {
            copy_element_async(stage.statistics, 2 * row, log_sum_exp.row(head, first_row, remaining), row, row < remaining);
        } else if (threadIdx.x < 2 * QUERY_ROWS) {
            copy_element_async(stage.statistics, 2 * row + 1, delta.row(head, first_row, remaining), row, row < remaining);
        }
        commit_async_copies();
    };

    copy_tile_async<KEY_ROWS>(keys, key, tile.row, key_column, tile.row_count, head_dim);
    copy_tile_async<KEY_ROWS>(values, value, tile.row, key_column, tile.row_count, head_dim);
    commit_async_copies();
    if constexpr (first_step_is_early) copy_step(0, key_head * group, 0);
    wait_for_async_copies<first_step_is_early ? 1 : 0>();
    __syncthreads();  // the keys and values are there
    const LeftRows<row_tiles, true> key_rows(keys, warp_row);
    const LeftRows<row_tiles, keeps_values> value_rows(values, warp_row);
    if constexpr (!first_step_is_early) {
        __syncthreads();  // they are in registers, and their place is free
        copy_step(0, key_head * group, 0);
    }

    float key_sum[row_tiles][head_tiles][4];
    float value_sum[row_tiles][head_tiles][4];
    clear(key_sum);
    clear(value_sum);
    const float scale_log2 = scale * log2_of_e;
    const int end_head = (key_head + 1) * group;
    int stage_index = 0;
    for (int head = key_head * group; head < end_head; head++) {
        for (int first_query = 0; first_query < tile.visible; first_query += QUERY_ROWS, stage_index ^= 1) {
            wait_for_async_copies<0>();
            __syncthreads();  // this step's rows are there, and nobody reads the last step's any more
            const bool is_last_of_head = first_query + QUERY_ROWS >= tile.visible;
            const int next_head = is_last_of_head ? head + 1 : head;
            if (next_head < end_head) copy_step(stage_index ^ 1, next_head, is_last_of_head ? 0 : first_query + QUERY_ROWS);

            const Stage stage(stage_index);
#pragma unroll 1
            for (int chunk = 0; chunk < QUERY_ROWS; chunk += CHUNK) {
                const int first = first_query + chunk;
                float scores[row_tiles][chunk_tiles][4];
                float gradients[row_tiles][chunk_tiles][4];
                clear(scores);
                clear(gradients);
                if (first + CHUNK <= first_seen || first >= tile.visible) continue;
                multiply_by_rows(scores, key_rows, stage.queries, chunk);
                multiply_by_rows(gradients, value_rows, stage.gradients, chunk);
                if (first < first_seen + warp_rows - 1) {
#pragma unroll
                    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                        for (int n = 0; n < chunk_tiles; n++) {
#pragma unroll
                            for (int i = 0; i < 4; i++) {
                                const int row = first_seen + 16 * m + i / 2 * 8 + lane / 4;
                                if (row > first + 8 * n + lane % 4 * 2 + i % 2) scores[m][n][i] = negative_infinity;
                            }
                        }
                    }
                }
#pragma unroll
                for (int n = 0; n < chunk_tiles; n++) {
                    // Of two neighbouring queries.
                    const Packet statistics = load_packet(stage.statistics, 2 * (chunk + 8 * n + lane % 4 * 2));
#pragma unroll
                    for (int column = 0; column < 2; column++) {
                        const float shift = __builtin_bit_cast(float, statistics.words[2 * column]) * log2_of_e;
                        const float mean = __builtin_bit_cast(float, statistics.words[2 * column + 1]);
#pragma unroll
                        for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                            for (int i = column; i < 4; i += 2) {
                                const float probability = exp2_approximate(fmaf(scores[m][n][i], scale_log2, -shift));
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
    }

    __syncthreads();  // nobody reads the last rows any more, where the gradients change hands
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
