// Rotary embedding in place: channel pairs (c, c + head_dimension / 2) of each head turn by the angle of the row's position.
//
//   x[t,h,c]        <- bf16(x[t,h,c] * cos - x[t,h,c + half] * sin)         cos, sin = row positions[t] of the table,
//   x[t,h,c + half] <- bf16(x[t,h,c + half] * cos + x[t,h,c] * sin)         columns c and half + c; -sin if `inverse`
//
// fp32 throughout, and one rounding: transformers rounds cos, sin, both products and their sum to bf16. This is nearer to
// the formula, and backward is then the transpose of the very rotation that forward made.
// x: [tokens, heads * head_dimension] bf16, rows 16-byte aligned, `stride` elements apart; positions: [tokens] int32;
// cos_sin: fp32 rows of head_dimension, 16-byte aligned, `table_stride` elements apart. Block: 256.
// rotary_embedding: head_dimension a multiple of 16. A thread turns 8 pairs of 4 heads, all loads before the first store.
//   Grid: ceil(tokens * ceil(heads / 4) * head_dimension / 16 / 256), with fewer than 2^31 threads.
//   rotary_embedding reads tokens * heads * head_dimension * 2 bytes once,
//   tokens * ceil(heads / 4) * (head_dimension * 4 + head_dimension / 16 * 4) from the caches, and writes
//   tokens * heads * head_dimension * 2.
//   From the caches, but for the first time, come the table and the positions.
// rotary_embedding_narrow: head_dimension a multiple of 8, whose halves need not begin at a packet. A thread turns 4 pairs
//   of a head. Grid: ceil(tokens * heads * head_dimension / 8 / 256), likewise.
//   rotary_embedding_narrow reads tokens * heads * head_dimension * 2 bytes once,
//   tokens * heads * (head_dimension * 4 + head_dimension / 8 * 4) from the caches, and writes
//   tokens * heads * head_dimension * 2.
// Specialised by nothing.
#include "bfloat16.cuh"
#include "float_packet.cuh"

constexpr int block = 256;
constexpr int heads_per_thread = 4;

/// Two pairs turned: the numbers of `first` and `second` by the angles of the lower and the upper half of a word.
__device__ __forceinline__ void turn(
    unsigned int& first, unsigned int& second, float low_cosine, float high_cosine, float low_sine, float high_sine) {
    const float low_first = low_bfloat16(first);
    const float high_first = high_bfloat16(first);
    const float low_second = low_bfloat16(second);
    const float high_second = high_bfloat16(second);
    first = to_bfloat16_pair(
        fmaf(low_first, low_cosine, -(low_second * low_sine)), fmaf(high_first, high_cosine, -(high_second * high_sine)));
    second = to_bfloat16_pair(
        fmaf(low_second, low_cosine, low_first * low_sine), fmaf(high_second, high_cosine, high_first * high_sine));
}

extern "C" __global__ void __launch_bounds__(block) rotary_embedding(
    bfloat16* x, const int* positions, const float* cos_sin, int tokens, int heads, int head_dimension, int stride,
    int table_stride, int inverse) {
    const int half = head_dimension / 2;
    const unsigned int chunks = half / bfloat16_per_packet;
    const unsigned int head_groups = (heads + heads_per_thread - 1) / heads_per_thread;
    const unsigned int index = blockIdx.x * blockDim.x + threadIdx.x;
    const int column = index % chunks * bfloat16_per_packet;
    const int first_head = index / chunks % head_groups * heads_per_thread;
    const long long token = index / chunks / head_groups;
    if (token >= tokens) return;

    const GlobalView<bfloat16> row{x + token * stride, heads * head_dimension};
    const GlobalView<const bfloat16> row_before{row.data, row.length};
    Packet firsts[heads_per_thread];
    Packet seconds[heads_per_thread];
#pragma unroll
    for (int h = 0; h < heads_per_thread; h++) {
        if (first_head + h < heads) {
            const int start = (first_head + h) * head_dimension + column;
            firsts[h] = load_packet_streaming(row_before, start);
            seconds[h] = load_packet_streaming(row_before, start + half);
        }
    }

    const long long position = load(GlobalView<const int>{positions, tokens}, token);
    const GlobalView<const float> table{cos_sin + position * table_stride, head_dimension};
    Packet cosines[2];
    Packet sines[2];
#pragma unroll
    for (int p = 0; p < 2; p++) {
        cosines[p] = load_packet(table, column + p * floats_per_packet);
        sines[p] = load_packet(table, half + column + p * floats_per_packet);
    }

    const float direction = inverse ? -1.0f : 1.0f;
#pragma unroll
    for (int h = 0; h < heads_per_thread; h++) {
        if (first_head + h < heads) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                turn(firsts[h].words[i], seconds[h].words[i],
                     float_of(cosines[i / 2], i % 2 * 2), float_of(cosines[i / 2], i % 2 * 2 + 1),
                     float_of(sines[i / 2], i % 2 * 2) * direction, float_of(sines[i / 2], i % 2 * 2 + 1) * direction);
            }
            const int start = (first_head + h) * head_dimension + column;
            store_packet(row, start, firsts[h]);
            store_packet(row, start + half, seconds[h]);
        }
    }
}

extern "C" __global__ void __launch_bounds__(block) rotary_embedding_narrow(
    bfloat16* x, const int* positions, const float* cos_sin, int tokens, int heads, int head_dimension, int stride,
    int table_stride, int inverse) {
    using Pairs = unsigned long long;
    constexpr int pairs_per_thread = 4;
    const int half = head_dimension / 2;
    const unsigned int chunks = half / pairs_per_thread;
    const unsigned int index = blockIdx.x * blockDim.x + threadIdx.x;
    const int column = index % chunks * pairs_per_thread;
    const int head = index / chunks % heads;
    const long long token = index / chunks / heads;
    if (token >= tokens) return;

    const GlobalView<Pairs> row{reinterpret_cast<Pairs*>(x + token * stride), heads * head_dimension / pairs_per_thread};
    const GlobalView<const Pairs> row_before{row.data, row.length};
    const int place = (head * head_dimension + column) / pairs_per_thread;
    const Pairs first = load_streaming(row_before, place);
    const Pairs second = load_streaming(row_before, place + half / pairs_per_thread);

    const long long position = load(GlobalView<const int>{positions, tokens}, token);
    const GlobalView<const float> table{cos_sin + position * table_stride, head_dimension};
    const Packet cosines = load_packet(table, column);
    const Packet sines = load_packet(table, half + column);

    const float direction = inverse ? -1.0f : 1.0f;
    unsigned int firsts[2] = {static_cast<unsigned int>(first), static_cast<unsigned int>(first >> 32)};
    unsigned int seconds[2] = {static_cast<unsigned int>(second), static_cast<unsigned int>(second >> 32)};
#pragma unroll
    for (int i = 0; i < 2; i++) {
        turn(firsts[i], seconds[i], float_of(cosines, 2 * i), float_of(cosines, 2 * i + 1),
             float_of(sines, 2 * i) * direction, float_of(sines, 2 * i + 1) * direction);
    }
    store(row, place, static_cast<Pairs>(firsts[1]) << 32 | firsts[0]);
    store(row, place + half / pairs_per_thread, static_cast<Pairs>(seconds[1]) << 32 | seconds[0]);
}
