// Attention, backward, first of two kernels: the gradients of queries, by recomputation (Dao 2023, FlashAttention-2), and
// what the softmax's gradient subtracts, of documents whose queries and keys are the same rows.
//
//   delta[h,i] = Σ_c dO[i,h,c] · o[i,h,c]                   fp32: the mean of dP under P
//   P[i,j]     = exp(scale · q[i]·k[j] - lse[i])            for the keys that query i sees
//   dS[i,j]    = P[i,j] · (dO[i]·v[j] - delta[i])
//   dq[i]      = bf16(scale · Σ_j bf16(dS[i,j]) k[j])
//
// A block takes QUERY_ROWS queries of one document and one head and goes through the keys that they see, KEY_ROWS at a
// time, in ascending order; each warp owns QUERY_ROWS / (THREADS / 32) queries and takes CHUNK keys at a time. Where a
// warp's rows of q and dO fit 64 registers a thread they stay there, and the stages take their place; else they are read
// from shared memory for each product. Rows that are not the document's are zero in shared memory; the causal mask is
// applied in a branch that only the chunks that it cuts take, and a warp skips the chunks that it cannot see.
//
// Keys and values have two stages: one wait and one barrier a step, as in attention_forward.cu. Before the steps, one of
// each for q and dO (the first keys may still be under way); where these go to registers, a barrier before their place is
// filled with the first keys, and one before the gradients change hands in the last keys' place.
//
// output_gradient, query, output, query_gradient: rows of heads · head_dim bf16; key, value: rows of (heads / group) ·
// head_dim bf16; head_dim a multiple of 8 up to HEAD_DIM; rows 16-byte aligned. log_sum_exp, delta: [heads] rows of fp32.
// tiles: as attention_forward.cu's. query_gradient and delta alias nothing.
// Grid: tiles · heads, as attention_forward.cu's. Block: THREADS. Shared memory: (2 · QUERY_ROWS + 4 · KEY_ROWS) ·
// HEAD_DIM · 2 bytes, or the larger of the two terms where q and dO are in registers.
// A block with n queries, the first of which sees v keys, reads 4 · head_dim · (n + v + n - 1) bytes by cp.async, 16 of its
// tile in every thread, 16 of statistics a query and 2 · head_dim of output, and writes n · (2 · head_dim + 4); its warp w
// with queries below n takes ceil(min(v + n - 1, v + (w + 1) · R - 1) / CHUNK) chunks, R being its rows, each
// 6 · R · CHUNK · HEAD_DIM operations: of a causal document of T rows at most (T + CHUNK + R) / T of the visible pairs'
// work; at T = 4096 with 32 of both 0.8 % too much.
// Specialised by: HEAD_DIM (64, 128), QUERY_ROWS (a multiple of THREADS / 2), KEY_ROWS (a multiple of CHUNK), CHUNK (a
// multiple of 16: larger reads shared memory less, smaller leaves registers), THREADS.
#include "attention_tile.cuh"

constexpr int chunk_tiles = CHUNK / 8;
constexpr int warp_rows = QUERY_ROWS / (THREADS / warp_size);
constexpr int row_tiles = warp_rows / 16;
constexpr int query_size = QUERY_ROWS * HEAD_DIM * sizeof(bfloat16);
constexpr int key_size = KEY_ROWS * HEAD_DIM * sizeof(bfloat16);
constexpr bool keeps_rows = 2 * row_tiles * head_steps * 4 <= 64;  // registers of a thread
constexpr int first_stage = keeps_rows ? 0 : 2 * query_size;

constexpr int lane_chunks = tile_chunks / 4;

/// The i-th of a lane's chunks of a row, of every four one: the 8 rows that a warp reads at once begin at different chunks,
/// so that they lie in different banks.
__device__ __forceinline__ int lane_chunk(int row, int i) { return (i + row) % lane_chunks * 4 + static_cast<int>(threadIdx.x) % 4; }

/// A lane's chunks of a row; zeros where the head or the rows end.
__device__ __forceinline__ void load_lane_chunks(
    Packet (&packets)[lane_chunks], GlobalView<const bfloat16> channels, int row, bool exists) {
#pragma unroll
    for (int i = 0; i < lane_chunks; i++) {
        const int column = lane_chunk(row, i) * bfloat16_per_packet;
        packets[i] = exists && column < channels.length ? load_packet_streaming(channels, column) : Packet{};
    }
}

/// Those chunks times the same of a row of a tile.
__device__ __forceinline__ float multiply_lane_chunks(const Packet (&packets)[lane_chunks], SharedView<bfloat16> tile, int row) {
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < lane_chunks; i++) {
        const Packet packet = load_packet(tile, tile_index(row, lane_chunk(row, i)));
#pragma unroll
        for (int word = 0; word < 4; word++) {
            sum = fmaf(low_bfloat16(packet.words[word]), low_bfloat16(packets[i].words[word]), sum);
            sum = fmaf(high_bfloat16(packet.words[word]), high_bfloat16(packets[i].words[word]), sum);
        }
    }
    return sum;
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_query(
    StridedRows<const bfloat16> output_gradient, StridedRows<const bfloat16> query, StridedRows<const bfloat16> key,
    StridedRows<const bfloat16> value, StridedRows<const bfloat16> output, StridedRows<const float> log_sum_exp,
    StridedRows<float> delta, StridedRows<bfloat16> query_gradient, const int* tiles, int heads, int group, int head_dim,
    float scale) {
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
    const SharedView<bfloat16> output_gradients = shared_tile<QUERY_ROWS>(query_size);
    const auto keys_of = [](int stage) { return shared_tile<KEY_ROWS>(first_stage + 2 * stage * key_size); };
    const auto values_of = [](int stage) { return shared_tile<KEY_ROWS>(first_stage + (2 * stage + 1) * key_size); };
    const auto copy_step = [&](int stage, int first) {
        const int first_row = tile.other_row + first;
        copy_tile_async<KEY_ROWS>(keys_of(stage), key, first_row, key_column, key_count - first, head_dim);
        copy_tile_async<KEY_ROWS>(values_of(stage), value, first_row, key_column, key_count - first, head_dim);
        commit_async_copies();
    };

    copy_tile_async<QUERY_ROWS>(queries, query, tile.row, query_column, tile.row_count, head_dim);
    copy_tile_async<QUERY_ROWS>(output_gradients, output_gradient, tile.row, query_column, tile.row_count, head_dim);
    commit_async_copies();
    if constexpr (!keeps_rows) copy_step(0, 0);

    const auto row_of = [&](int m, int half) { return warp_row + 16 * m + 8 * half + lane / 4; };
    float shift[row_tiles][2];
    float mean[row_tiles][2];
    Packet outputs[row_tiles][2][lane_chunks];
    const GlobalView<const float> log_sum_exps = log_sum_exp.row(head, tile.row, tile.row_count);
    const GlobalView<float> deltas = delta.row(head, tile.row, tile.row_count);
#pragma unroll
    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = row_of(m, half);
            const bool exists = row < tile.row_count;
            shift[m][half] = exists ? load(log_sum_exps, row) * log2_of_e : 0.0f;
            load_lane_chunks(outputs[m][half], output.row(tile.row + row, query_column, head_dim), row, exists);
        }
    }
    wait_for_async_copies<keeps_rows ? 0 : 1>();
    __syncthreads();  // the queries are there, and their gradients
#pragma unroll
    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = row_of(m, half);
            mean[m][half] = warp_reduce<Sum, 4>(multiply_lane_chunks(outputs[m][half], output_gradients, row));
            if (row < tile.row_count && lane % 4 == 0) store(deltas, row, mean[m][half]);
        }
    }
    const LeftRows<row_tiles, keeps_rows> query_rows(queries, warp_row);
    const LeftRows<row_tiles, keeps_rows> gradient_rows(output_gradients, warp_row);
    if constexpr (keeps_rows) {
        __syncthreads();  // they are in registers, and their place is free
        copy_step(0, 0);
    }

    float sum[row_tiles][head_tiles][4];
    clear(sum);
    const float scale_log2 = scale * log2_of_e;
    for (int first_key = 0, stage = 0; first_key < key_count; first_key += KEY_ROWS, stage ^= 1) {
        wait_for_async_copies<0>();
        __syncthreads();  // this step's rows are there, and nobody reads the last step's any more
        if (first_key + KEY_ROWS < key_count) copy_step(stage ^ 1, first_key + KEY_ROWS);

        const SharedView<bfloat16> keys = keys_of(stage);
        const SharedView<bfloat16> values = values_of(stage);
#pragma unroll 1
        for (int chunk = 0; chunk < KEY_ROWS; chunk += CHUNK) {
            const int first = first_key + chunk;
            float scores[row_tiles][chunk_tiles][4];
            float gradients[row_tiles][chunk_tiles][4];
            clear(scores);
            clear(gradients);
            if (first >= visible + warp_rows - 1 || first >= key_count) break;
            multiply_by_rows(scores, query_rows, keys, chunk);
            multiply_by_rows(gradients, gradient_rows, values, chunk);
            if (first + CHUNK > visible) {
#pragma unroll
                for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                    for (int n = 0; n < chunk_tiles; n++) {
#pragma unroll
                        for (int i = 0; i < 4; i++) {
                            const int row_visible = visible + 16 * m + i / 2 * 8 + lane / 4;
                            if (first + 8 * n + lane % 4 * 2 + i % 2 >= row_visible) scores[m][n][i] = negative_infinity;
                        }
                    }
                }
            }
#pragma unroll
            for (int m = 0; m < row_tiles; m++) {
#pragma unroll
                for (int n = 0; n < chunk_tiles; n++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        const float probability = exp2_approximate(fmaf(scores[m][n][i], scale_log2, -shift[m][i / 2]));
                        gradients[m][n][i] = probability * (gradients[m][n][i] - mean[m][i / 2]);
                    }
                }
            }
            multiply_by_columns(sum, gradients, keys, chunk);
        }
    }

    if constexpr (keeps_rows) __syncthreads();  // nobody reads the last keys any more, where the gradients change hands
    if (warp_row >= tile.row_count) return;
    float factor[row_tiles][2];
#pragma unroll
    for (int m = 0; m < row_tiles; m++) factor[m][0] = factor[m][1] = scale;
    store_rows<row_tiles>(sum, factor, queries, warp_row, query_gradient, tile.row, query_column, tile.row_count, head_dim);
}
