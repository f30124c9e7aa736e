// Grouped-query attention of single queries over a cache, second of two kernels: adds up what attention_decode.cu left of
// each chunk of a sequence's keys, in the chunks' order.
//
//   M[h]   = max_c m[c,h]      L[h] = Σ_c exp(scale·(m[c,h] - M[h])) l[c,h]
//   o[h]   = bf16(Σ_c exp(scale·(m[c,h] - M[h])) a[c,h] / L[h])
//   lse[h] = scale·M[h] + log L[h]
//
// A thread takes 8 channels of one head of one sequence. The list of chunks is attention_decode.cu's: the blocks of a
// sequence's first chunk do the work, those of the others end at once.
//
// sums: [chunks · heads, head_dim] fp32; statistics: [chunks · heads, 2] fp32, m and l. output: rows of heads · head_dim
// bf16; head_dim a multiple of 8; rows 16-byte aligned. log_sum_exp: [heads] rows of fp32, a query a column. chunks: as
// attention_decode.cu's; a sequence's lie one after another. Nothing is aliased.
// Grid: chunks · ceil(heads · head_dim / 8 / THREADS). Block: THREADS. No shared memory.
// A sequence of c chunks reads c · heads · (4 · head_dim + head_dim), the latter its statistics in every thread, and 16 of
// the chunk in every thread of every block, and writes heads · (2 · head_dim + 4) bytes.
// Specialised by: CHUNK (as attention_decode.cu), THREADS.
#include "approximate_math.cuh"
#include "attention_chunk.cuh"
#include "bfloat16.cuh"
#include "float_packet.cuh"
#include "strided_rows.cuh"

extern "C" __global__ void __launch_bounds__(THREADS) attention_decode_combine(
    const float* sums, const float* statistics, StridedRows<bfloat16> output, StridedRows<float> log_sum_exp, const int* chunks,
    int heads, int head_dim, float scale) {
    const int packets = heads * head_dim / bfloat16_per_packet;
    const int blocks = (packets + THREADS - 1) / THREADS;
    const int item = blockIdx.x / blocks;
    const int packet = static_cast<int>(blockIdx.x) % blocks * THREADS + threadIdx.x;
    const AttentionChunk chunk = load_chunk(chunks, item);
    if (chunk.index != 0 || packet >= packets) return;
    const int head = packet * bfloat16_per_packet / head_dim;
    const int column = packet * bfloat16_per_packet % head_dim;
    const int chunk_count = (chunk.key_count + CHUNK - 1) / CHUNK;
    const float scale_log2 = scale * log2_of_e;

    float maximum = negative_infinity;
    float total = 0.0f;
    float channels[bfloat16_per_packet] = {};
    for (int index = 0; index < chunk_count; index++) {
        const long long row = (static_cast<long long>(item) + index) * heads + head;
        const GlobalView<const float> pair{statistics + row * 2, 2};
        const GlobalView<const float> part{sums + row * head_dim, head_dim};
        const Packet low = load_packet_streaming(part, column);
        const Packet high = load_packet_streaming(part, column + floats_per_packet);
        const float part_maximum = load(pair, 0);
        const float largest = fmaxf(maximum, part_maximum);
        const float correction = exp2_approximate((maximum - largest) * scale_log2);
        const float factor = exp2_approximate((part_maximum - largest) * scale_log2);
        maximum = largest;
        total = fmaf(factor, load(pair, 1), total * correction);
#pragma unroll
        for (int i = 0; i < floats_per_packet; i++) {
            channels[i] = fmaf(factor, float_of(low, i), channels[i] * correction);
            channels[i + floats_per_packet] = fmaf(factor, float_of(high, i), channels[i + floats_per_packet] * correction);
        }
    }

    Packet rounded;
#pragma unroll
    for (int i = 0; i < 4; i++) rounded.words[i] = to_bfloat16_pair(channels[2 * i] / total, channels[2 * i + 1] / total);
    store_packet(output.row(chunk.row, head * head_dim, head_dim), column, rounded);
    if (column == 0) store(log_sum_exp.row(head, chunk.row, 1), 0, fmaf(maximum, scale, logf(total)));
}
