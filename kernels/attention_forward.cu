// Causal grouped-query attention over packed ranges, forward: tiled, with the online softmax (Milakov and Gimelshein 2018;
// Dao 2023, FlashAttention-2). No matrix of scores leaves the registers.
//
//   s[i,j] = q[i]·k[j]                              fp32, of bf16 products; only keys that query i sees
//   o[i]   = bf16(Σ_j bf16(exp(scale·s[i,j] - max)) v[j] / Σ_j exp(scale·s[i,j] - max))
//   lse[i] = log Σ_j exp(scale·s[i,j])
//
// A block takes QUERY_ROWS queries of one range and one head and goes through the keys that they see, KEY_ROWS at a time,
// in ascending order; each of its 4 warps owns QUERY_ROWS / 4 queries. Rows that are not the range's are zero in shared
// memory, so that what a neighbour left there (NaN included) is never touched; the causal mask covers them, and is applied
// in a branch that only the tiles that it cuts take. A warp skips the tiles that it cannot see, and the rescaling of its
// sums where no row has a new maximum (which would multiply them by 1). P goes from the product's registers to the next.
//
// Keys and values have two stages, filled in turn: one wait and one barrier a step. The step's own rows were begun one
// step earlier, so the wait is for the copies of the whole of that step's time; the barrier makes the other threads' copies
// visible, and says that all warps have read the stage that the step after this one is then copied to, while this one's
// rows are multiplied. The last barrier is behind every use of the queries' place but the warp's own, which may reuse it.
//
// query, output: rows of heads · head_dim bf16; key, value: rows of (heads / group) · head_dim bf16; head_dim a multiple of
// 8 up to HEAD_DIM; rows 16-byte aligned, strides apart. log_sum_exp: [heads] rows of fp32, a query a column. tiles: 4 int
// each, 16-byte aligned: first query, queries (1 … QUERY_ROWS), first key, keys that the first query sees (at least 1).
// scale > 0. output aliases nothing.
// Grid: tiles · heads, head by head within a tile: the tiles are the longest first for all heads alike, and the heads of a
// group, which run side by side, find each other's keys and values in the L2 cache. Block: THREADS = 128. Shared memory:
// (QUERY_ROWS + 4 · KEY_ROWS) · HEAD_DIM · 2 bytes.
// A block with n queries, the first of which sees v keys, reads 2 · head_dim · (n + 2 · (v + n - 1)) bytes by cp.async and
// 16 of its tile in every thread, and writes n · (2 · head_dim + 4), in ceil((v + n - 1) / KEY_ROWS) steps; its warp w with
// queries below n multiplies in ceil(min(v + n - 1, v + (w + 1) · QUERY_ROWS / 4 - 1) / KEY_ROWS) of them, each
// QUERY_ROWS · KEY_ROWS · HEAD_DIM operations: of a causal document of T rows at most (T + KEY_ROWS + QUERY_ROWS / 4) / T
// of the visible pairs' work; at T = 4096 with 64 keys and 32 queries a warp 1.5 % too much.
// Specialised by: HEAD_DIM (64, 128), QUERY_ROWS (a multiple of 64), KEY_ROWS (a multiple of 16), THREADS.
#include "attention_softmax.cuh"

constexpr int warp_rows = QUERY_ROWS / (THREADS / warp_size);
constexpr int row_tiles = warp_rows / 16;
constexpr int key_tiles = KEY_ROWS / 8;
constexpr int query_size = QUERY_ROWS * HEAD_DIM * sizeof(bfloat16);
constexpr int key_size = KEY_ROWS * HEAD_DIM * sizeof(bfloat16);

extern "C" __global__ void __launch_bounds__(THREADS) attention_forward(
    StridedRows<const bfloat16> query, StridedRows<const bfloat16> key, StridedRows<const bfloat16> value,
    StridedRows<bfloat16> output, StridedRows<float> log_sum_exp, const int* tiles, int heads, int group, int head_dim, float scale) {
    const AttentionTile tile = load_tile(tiles, blockIdx.x / heads);
    const int head = blockIdx.x % heads;
    const int query_column = head * head_dim;
    const int key_column = head / group * head_dim;
    const int key_count = tile.visible + tile.row_count - 1;
    const int lane = threadIdx.x % warp_size;
    const int warp_row = threadIdx.x / warp_size * warp_rows;
    // Keys that the warp's first query sees; none where it has no query.
    const int visible = warp_row < tile.row_count ? tile.visible + warp_row : -warp_rows;

    const SharedView<bfloat16> queries = shared_tile<QUERY_ROWS>(0);
    const auto keys_of = [](int stage) { return shared_tile<KEY_ROWS>(query_size + 2 * stage * key_size); };
    const auto values_of = [](int stage) { return shared_tile<KEY_ROWS>(query_size + (2 * stage + 1) * key_size); };
    const auto copy_step = [&](int stage, int first) {
        const int first_row = tile.other_row + first;
        copy_tile_async<KEY_ROWS>(keys_of(stage), key, first_row, key_column, key_count - first, head_dim);
        copy_tile_async<KEY_ROWS>(values_of(stage), value, first_row, key_column, key_count - first, head_dim);
        commit_async_copies();
    };

    OnlineSoftmax<row_tiles> softmax;
    float sum[row_tiles][head_tiles][4];
    clear(sum);

    copy_tile_async<QUERY_ROWS>(queries, query, tile.row, query_column, tile.row_count, head_dim);
    copy_step(0, 0);
    const LeftRows<row_tiles, false> rows(queries, warp_row);
    const float scale_log2 = scale * log2_of_e;
    for (int first_key = 0, stage = 0; first_key < key_count; first_key += KEY_ROWS, stage ^= 1) {
        wait_for_async_copies<0>();
        __syncthreads();  // this step's rows are there, and nobody reads the last step's any more
        if (first_key + KEY_ROWS < key_count) copy_step(stage ^ 1, first_key + KEY_ROWS);

        float scores[row_tiles][key_tiles][4];
        clear(scores);  // in every warp: ptxas spills where the scores begin to exist in a branch
        const bool sees_some = first_key < visible + warp_rows - 1;
        if (sees_some) multiply_by_rows(scores, rows, keys_of(stage), 0);
        if (!sees_some) continue;
        if (first_key + KEY_ROWS > visible) {
#pragma unroll
            for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                for (int n = 0; n < key_tiles; n++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        const int row_visible = visible + 16 * m + i / 2 * 8 + lane / 4;
                        if (first_key + 8 * n + lane % 4 * 2 + i % 2 >= row_visible) scores[m][n][i] = negative_infinity;
                    }
                }
            }
        }
        softmax.update(scores, sum, scale_log2);  // every query sees the first key
        multiply_by_columns(sum, scores, values_of(stage), 0);
    }

    if (warp_row >= tile.row_count) return;
    const GlobalView<float> sums = log_sum_exp.row(head, tile.row, tile.row_count);
    float inverse[row_tiles][2];
#pragma unroll
    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const float total = softmax.total(m, half);
            inverse[m][half] = 1.0f / total;
            const int row = warp_row + 16 * m + 8 * half + lane / 4;
            if (lane % 4 == 0 && row < tile.row_count) store(sums, row, fmaf(softmax.maximum[m][half], scale, logf(total)));
        }
    }
    store_rows<row_tiles>(sum, inverse, queries, warp_row, output, tile.row, query_column, tile.row_count, head_dim);
}
