// Rows gathered from, or scattered to, places that an index names.
//
//   gather  (scatter = 0): destination[i] = source[rows[i]]
//   scatter (scatter = 1): destination[rows[i]] = source[i]; the rows are all different, others keep their values
//
// Elements are moved as 4-byte words: fp32 or int32, or pairs of bf16. source, destination: rows of row_words words,
// `…_stride` words apart; with PACKETS 16-byte aligned, row_words a multiple of 4. rows: [count] int32. Nothing aliases.
// A thread moves four packets or words, all loads before the first store. Block: 256.
// Grid: ceil(count * row_words / (PACKETS ? 4 : 1) / 256 / 4), with fewer than 2^31 packets or words.
// move_rows reads count * row_words * 4 bytes once, count * row_words / (1 + 3 * PACKETS) * 4 from the caches, and writes
// count * row_words * 4. From the caches, but for the first time, comes a row's number for each packet or word.
// Specialised by: PACKETS (0, 1).
#include "memory.cuh"

constexpr int block = 256;
constexpr int words_per_unit = PACKETS ? 4 : 1;
constexpr int units_per_thread = 4;

extern "C" __global__ void __launch_bounds__(block) move_rows(
    const unsigned int* source, const int* rows, unsigned int* destination, int count, int row_words, int source_stride,
    int destination_stride, int scatter) {
    const unsigned int row_units = row_words / words_per_unit;

    // The rows' numbers first, then what lies there: a load between them would wait for the number before it.
    long long named_rows[units_per_thread];
#pragma unroll
    for (int u = 0; u < units_per_thread; u++) {
        const long long own_row = ((blockIdx.x * units_per_thread + u) * block + threadIdx.x) / row_units;
        named_rows[u] = own_row < count ? load(GlobalView<const int>{rows, count}, own_row) : 0;
    }

    Packet units[units_per_thread];
#pragma unroll
    for (int u = 0; u < units_per_thread; u++) {
        const unsigned int index = (blockIdx.x * units_per_thread + u) * block + threadIdx.x;
        const long long own_row = index / row_units;
        const int column = index % row_units * words_per_unit;
        if (own_row < count) {
            const long long source_row = scatter ? own_row : named_rows[u];
            const GlobalView<const unsigned int> from{source + source_row * source_stride, row_words};
            if (PACKETS) {
                units[u] = load_packet_streaming(from, column);
            } else {
                units[u].words[0] = load_streaming(from, column);
            }
        }
    }

#pragma unroll
    for (int u = 0; u < units_per_thread; u++) {
        const unsigned int index = (blockIdx.x * units_per_thread + u) * block + threadIdx.x;
        const long long own_row = index / row_units;
        const int column = index % row_units * words_per_unit;
        if (own_row < count) {
            const long long destination_row = scatter ? named_rows[u] : own_row;
            const GlobalView<unsigned int> to{destination + destination_row * destination_stride, row_words};
            if (PACKETS) {
                store_packet(to, column, units[u]);
            } else {
                store(to, column, units[u].words[0]);
            }
        }
    }
}
