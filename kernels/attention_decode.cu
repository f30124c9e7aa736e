// Grouped-query attention of single queries over a cache of keys and values: one step of generation, first of two kernels
// (split over the keys; Dao et al. 2023, "Flash-Decoding for long-context inference").
//
//   s[h,j] = q[h]·k[j]                                      fp32, of bf16 products; for the keys j of the chunk
//   m[h]   = max_j s[h,j]      l[h] = Σ_j exp(scale·(s[h,j] - m[h]))
//   a[h]   = Σ_j bf16(exp(scale·(s[h,j] - m[h]))) v[j]      fp32; attention_decode_combine.cu adds the chunks up
//
// A block takes one chunk of CHUNK keys of one sequence and a key/value head, for up to 16 of the head's query heads, which
// are the rows of the tensor cores' product: each key and value is read once for all of them. Chunks begin at multiples of
// CHUNK whatever runs beside them, and everything is added in a fixed order: a sequence's result does not depend on the
// batch around it.
//
// Each of the 4 warps takes every fourth 16 keys of the chunk by itself, and copies them for itself: it waits for its own
// copies and for its lanes, and not for other warps. Its two stages are both under way before it waits for the first, and a
// stage is filled again as soon as its rows are multiplied. Block-wide barriers: one behind the queries, one before the warps'
// sums change hands in the stages' place, one before they are added up.
//
// query: rows of heads · head_dim bf16; key, value: rows of key_heads · head_dim bf16; head_dim a multiple of 8 up to HEAD_DIM;
// rows 16-byte aligned. chunks: 4 int each, 16-byte aligned: row of the query, first row of the sequence's keys, keys that
// the query sees, the chunk's number. sums: [chunks · heads, head_dim] fp32; statistics: [chunks · heads, 2] fp32, m and l.
// Nothing is aliased.
// Grid: chunks · key_heads · ceil(group / 16). Block: THREADS = 128. Shared memory: (16 + 4 · 64) · HEAD_DIM · 2 bytes.
// A block with n keys and g query heads reads 4 · head_dim · n + 2 · head_dim · g bytes by cp.async and 16 of its chunk in
// every thread, and writes g · (4 · head_dim + 8): of 4096 cached keys with 7 query heads a key/value head and CHUNK = 256
// sums and statistics are 2.8 % of what is read. It multiplies ceil(n / 16) times 16 keys, each 1024 · HEAD_DIM operations.
// Specialised by: HEAD_DIM (64, 128), CHUNK (a multiple of 64: larger writes less, smaller fills a device with fewer
// sequences), THREADS.
#include "attention_chunk.cuh"
#include "attention_softmax.cuh"
#include "float_packet.cuh"

constexpr int warp_count = THREADS / warp_size;
constexpr int warp_keys = 16;  // of a step
constexpr int block_heads = 16;
constexpr int stage_count = 2;
constexpr int query_size = block_heads * HEAD_DIM * sizeof(bfloat16);
constexpr int keys_size = warp_keys * HEAD_DIM * sizeof(bfloat16);
// What the warps have summed: a row of HEAD_DIM for each head, apart by 8 more, so that a warp's rows lie in different banks.
constexpr int sum_stride = HEAD_DIM + 8;
constexpr int warp_sum_length = block_heads * sum_stride;
constexpr int statistics_offset = warp_count * warp_sum_length * static_cast<int>(sizeof(float));
constexpr int statistics_length = warp_count * block_heads;
static_assert(statistics_offset + 2 * statistics_length * sizeof(float) <= query_size + warp_count * stage_count * 2 * keys_size);

/// The warp begins to copy a head's channels, from column `begin` on, of 16 rows; rows from `row_count` on become zero.
__device__ __forceinline__ void copy_keys_async(
    SharedView<bfloat16> tile, StridedRows<const bfloat16> source, int first_row, int begin, int row_count, int head_dim) {
    constexpr int rows_at_once = warp_size / tile_chunks;
    const int lane = threadIdx.x % warp_size;
    const int chunk = lane % tile_chunks;
    const int column = chunk * bfloat16_per_packet;
#pragma unroll
    for (int i = 0; i < warp_keys / rows_at_once; i++) {
        const int row = i * rows_at_once + lane / tile_chunks;
        copy_packet_async(
            tile, tile_index(row, chunk), source.row(first_row + row, begin + column, head_dim - column), 0,
            row < row_count && column < head_dim);
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_decode(
    StridedRows<const bfloat16> query, StridedRows<const bfloat16> key, StridedRows<const bfloat16> value, float* sums,
    float* statistics, const int* chunks, int key_heads, int group, int head_dim, float scale) {
    const int head_blocks = (group + block_heads - 1) / block_heads;
    const int item = blockIdx.x / (key_heads * head_blocks);
    const int part = blockIdx.x % (key_heads * head_blocks);
    const AttentionChunk chunk = load_chunk(chunks, item);
    const int key_head = part / head_blocks;
    const int first_of_group = part % head_blocks * block_heads;
    const int first_head = key_head * group + first_of_group;
    const int remaining_heads = group - first_of_group;
    const int head_count = remaining_heads < block_heads ? remaining_heads : block_heads;
    const int key_column = key_head * head_dim;
    const int first_row = chunk.first_key + chunk.index * CHUNK;
    const int remaining_keys = chunk.key_count - chunk.index * CHUNK;
    const int key_count = remaining_keys < CHUNK ? remaining_keys : CHUNK;
    const int lane = threadIdx.x % warp_size;
    const int warp = threadIdx.x / warp_size;

    const SharedView<bfloat16> queries = shared_tile<block_heads>(0);
    const auto keys_of = [&](int stage) { return shared_tile<warp_keys>(query_size + (warp * stage_count + stage) * 2 * keys_size); };
    const auto values_of = [&](int stage) {
        return shared_tile<warp_keys>(query_size + ((warp * stage_count + stage) * 2 + 1) * keys_size);
    };
    // A group of copies in any case, so that the wait counts right.
    const auto copy_step = [&](int stage, int first) {
        if (first < key_count) {
            copy_keys_async(keys_of(stage), key, first_row + first, key_column, key_count - first, head_dim);
            copy_keys_async(values_of(stage), value, first_row + first, key_column, key_count - first, head_dim);
        }
        commit_async_copies();
    };

    // The heads of a row as rows.
    const StridedRows<const bfloat16> heads{query.data + chunk.row * query.stride + first_head * head_dim, head_dim};
    copy_tile_async<block_heads>(queries, heads, 0, 0, head_count, head_dim);
    commit_async_copies();
    constexpr int step = warp_count * warp_keys;
#pragma unroll
    for (int stage = 0; stage < stage_count; stage++) copy_step(stage, warp * warp_keys + stage * step);
    wait_for_async_copies<stage_count>();
    __syncthreads();  // the queries are there
    const LeftRows<1, true> rows(queries, 0);

    OnlineSoftmax<1> softmax;
    float sum[1][head_tiles][4];
    clear(sum);
    const float scale_log2 = scale * log2_of_e;
#pragma unroll 1
    for (int first = warp * warp_keys, stage = 0; first < key_count; first += step, stage ^= 1) {
        wait_for_async_copies<stage_count - 1>();
        __syncwarp();  // this step's rows are there
        float scores[1][2][4];
        clear(scores);
        multiply_by_rows(scores, rows, keys_of(stage), 0);
        if (first + warp_keys > key_count) {
#pragma unroll
            for (int n = 0; n < 2; n++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    if (first + 8 * n + lane % 4 * 2 + i % 2 >= key_count) scores[0][n][i] = negative_infinity;
                }
            }
        }
        softmax.update(scores, sum, scale_log2);
        multiply_by_columns(sum, scores, values_of(stage), 0);
        __syncwarp();  // nobody reads this step's rows any more
        copy_step(stage, first + stage_count * step);
    }

    wait_for_async_copies<0>();
    __syncthreads();  // nobody reads or fills the stages any more, where the sums change hands
    const auto warp_sums = [](int owner) {
        return shared_memory<float>(owner * warp_sum_length * static_cast<int>(sizeof(float)), warp_sum_length);
    };
    const SharedView<float> maxima = shared_memory<float>(statistics_offset, statistics_length);
    const SharedView<float> totals =
        shared_memory<float>(statistics_offset + statistics_length * static_cast<int>(sizeof(float)), statistics_length);
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const float total = softmax.total(0, half);
        const int head = 8 * half + lane / 4;
        if (head >= head_count) continue;
        if (lane % 4 == 0) {
            store(maxima, warp * block_heads + head, softmax.maximum[0][half]);
            store(totals, warp * block_heads + head, total);
        }
#pragma unroll
        for (int n = 0; n < head_tiles; n++) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
                store(warp_sums(warp), head * sum_stride + 8 * n + lane % 4 * 2 + i, sum[0][n][2 * half + i]);
            }
        }
    }
    __syncthreads();  // the warps' sums are there

    const int packets = head_dim / floats_per_packet;
    for (int index = threadIdx.x; index < head_count * packets; index += THREADS) {
        const int head = index / packets;
        const int column = index % packets * floats_per_packet;
        // The chunk's first key is warp 0's: its maximum is finite.
        float maximum = load(maxima, head);
#pragma unroll
        for (int owner = 1; owner < warp_count; owner++) maximum = fmaxf(maximum, load(maxima, owner * block_heads + head));
        float total = 0.0f;
        float channels[floats_per_packet] = {};
#pragma unroll
        for (int owner = 0; owner < warp_count; owner++) {
            const int place = owner * block_heads + head;
            const float factor = exp2_approximate((load(maxima, place) - maximum) * scale_log2);
            total = fmaf(factor, load(totals, place), total);
            const Packet packet = load_packet(warp_sums(owner), head * sum_stride + column);
#pragma unroll
            for (int i = 0; i < floats_per_packet; i++) channels[i] = fmaf(factor, float_of(packet, i), channels[i]);
        }
        const long long row = static_cast<long long>(item) * key_heads * group + first_head + head;
        store_packet(GlobalView<float>{sums + row * head_dim, head_dim}, column, to_packet(channels));
        if (column == 0) {
            const GlobalView<float> pair{statistics + row * 2, 2};
            store(pair, 0, maximum);
            store(pair, 1, total);
        }
    }
}
