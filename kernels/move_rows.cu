// Rows gathered from, or scattered to, places that an index names.
//
//   gather  (scatter = 0): destination[i] = source[rows[i]]
//   scatter (scatter = 1): destination[rows[i]] = source[i]; the rows are all different, others keep their values
//
// Elements are moved as 4-byte words: fp32 or int32, or pairs of bf16. source, destination: rows of row_words words,
// `…_stride` words apart; with PACKETS 16-byte aligned, row_words a multiple of 4. rows: [count] int32. Nothing aliases.
// A thread moves one packet or one word. Block: 256. Grid: ceil(count * row_words / (PACKETS ? 4 : 1) / 256), with fewer
// than 2^31 threads.
// Reads count * row_words * 4 bytes once, and a thread's 4 of rows, from L1 but for the first; writes count * row_words * 4.
// Specialised by: PACKETS (0, 1).
#include "memory.cuh"

constexpr int block = 256;
constexpr int words_per_unit = PACKETS ? 4 : 1;

extern "C" __global__ void __launch_bounds__(block) move_rows(
    const unsigned int* source, const int* rows, unsigned int* destination, int count, int row_words, int source_stride,
    int destination_stride, int scatter) {
    const unsigned int row_units = row_words / words_per_unit;
    const unsigned int index = blockIdx.x * block + threadIdx.x;
    const long long own_row = index / row_units;
    const int column = index % row_units * words_per_unit;
    if (own_row >= count) return;

    const long long named_row = load(GlobalView<const int>{rows, count}, own_row);
    const long long source_row = scatter ? own_row : named_row;
    const long long destination_row = scatter ? named_row : own_row;
    const GlobalView<const unsigned int> from{source + source_row * source_stride, row_words};
    const GlobalView<unsigned int> to{destination + destination_row * destination_stride, row_words};
    if (PACKETS) {
        store_packet(to, column, load_packet_streaming(from, column));
    } else {
        store(to, column, load_streaming(from, column));
    }
}
