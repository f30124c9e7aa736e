// Sums over the rows of a matrix, in two launches and a fixed order: partial sums of parts of the rows, then their sum.
//
//   column_sum_partials: partials[p,c] = sum of values[t,c] over part p's rows_per_part rows, in fp32   (bias gradient)
//   column_sum_finish:   sums[c] += sum_p partials[p,c]                                   (also RMSNorm's weight gradient)
//
// values: [rows, columns] bf16, rows 16-byte aligned, `stride` elements apart, columns a multiple of 8.
// partials: [parts, columns] fp32; sums: [columns] fp32, or with BFLOAT16 bf16: added in fp32, then rounded stochastically
// by the bits of Philox(counter.key, counter.low + c / 8, counter.high), a half word a column. Nothing aliases.
// column_sum_partials: grid (ceil(columns / 256), parts), block 256: a warp covers 256 columns, the 8 warps take turns
//   with the rows, four 16-byte loads a thread in flight. Shared: 8 * 256 fp32.
//   column_sum_partials reads rows * columns * 2 bytes once and writes parts * columns * 4.
// column_sum_finish: grid ceil(columns / 32), block 1024: a warp covers 32 columns, the 32 warps take turns with the parts,
//   eight loads a thread in flight. Shared: 32 * 32 fp32.
//   column_sum_finish reads parts * columns * 4 + columns * (4 - 2 * BFLOAT16) bytes once and writes columns * (4 - 2 * BFLOAT16).
// Specialised by: BFLOAT16 (the type of column_sum_finish's sums; 0: fp32, 1: bf16).
#include "float_packet.cuh"
#include "reduction.cuh"
#include "stochastic_rounding.cuh"

constexpr int warps = 8;
constexpr int columns_per_block = warp_size * bfloat16_per_packet;
constexpr int loads_in_flight = 4;

// The columns are few: all that a finishing GPU has to do at once are many parts.
constexpr int finish_warps = 32;
constexpr int finish_loads_in_flight = 8;

#if BFLOAT16
using Gradient = bfloat16;
__device__ __forceinline__ bfloat16 add(bfloat16 before, float total, const RandomCounter& counter, int column) {
    const RandomBits random = random_of_group(counter, column / bfloat16_per_packet);
    return round_stochastically(low_bfloat16(before) + total, random16(random, column % bfloat16_per_packet));
}
#else
using Gradient = float;
__device__ __forceinline__ float add(float before, float total, const RandomCounter&, int) { return before + total; }
#endif

extern "C" __global__ void __launch_bounds__(warps * warp_size) column_sum_partials(
    const bfloat16* values, float* partials, int rows, int columns, int stride, int rows_per_part) {
    const int lane = threadIdx.x % warp_size;
    const int warp = threadIdx.x / warp_size;
    const int first_column = blockIdx.x * columns_per_block;
    const int column = first_column + lane * bfloat16_per_packet;
    const long long part = blockIdx.y;
    const long long first_row = part * rows_per_part;
    const long long end_row = first_row + rows_per_part < rows ? first_row + rows_per_part : rows;

    float sums[bfloat16_per_packet] = {};
    if (column < columns) {
        long long row = first_row + warp;
        for (; row + (loads_in_flight - 1) * warps < end_row; row += loads_in_flight * warps) {
            Packet packets[loads_in_flight];
#pragma unroll
            for (int i = 0; i < loads_in_flight; i++) {
                packets[i] = load_packet_streaming(
                    GlobalView<const bfloat16>{values + (row + i * warps) * stride, columns}, column);
            }
#pragma unroll
            for (int i = 0; i < loads_in_flight; i++) add_packet(sums, packets[i]);
        }
        for (; row < end_row; row += warps) {
            add_packet(sums, load_packet_streaming(GlobalView<const bfloat16>{values + row * stride, columns}, column));
        }
    }

    const SharedView<float> warp_sums = shared_memory<float>(0, warps * columns_per_block);
    const int own = warp * columns_per_block + lane * bfloat16_per_packet;
    store_packet(warp_sums, own, to_packet(sums));
    store_packet(warp_sums, own + floats_per_packet, to_packet(sums + floats_per_packet));
    __syncthreads();

    const int own_column = first_column + threadIdx.x;
    if (own_column < columns) {
        float sum = 0.0f;
#pragma unroll
        for (int w = 0; w < warps; w++) sum += load(warp_sums, w * columns_per_block + threadIdx.x);
        store(GlobalView<float>{partials + part * columns, columns}, own_column, sum);
    }
}

extern "C" __global__ void __launch_bounds__(finish_warps * warp_size) column_sum_finish(
    const float* partials, Gradient* sums, int parts, int columns, RandomCounter counter) {
    const int lane = threadIdx.x % warp_size;
    const int warp = threadIdx.x / warp_size;
    const int column = blockIdx.x * warp_size + lane;

    float sum = 0.0f;
    if (column < columns) {
        for (int first = warp; first < parts; first += finish_warps * finish_loads_in_flight) {
            float values[finish_loads_in_flight];
#pragma unroll
            for (int i = 0; i < finish_loads_in_flight; i++) {
                const int part = first + i * finish_warps;
                const GlobalView<const float> row{partials + static_cast<long long>(part) * columns, columns};
                values[i] = part < parts ? load_streaming(row, column) : 0.0f;
            }
#pragma unroll
            for (int i = 0; i < finish_loads_in_flight; i++) sum += values[i];
        }
    }

    const SharedView<float> warp_sums = shared_memory<float>(0, finish_warps * warp_size);
    store(warp_sums, static_cast<int>(threadIdx.x), sum);
    __syncthreads();

    if (warp == 0 && column < columns) {
        float total = 0.0f;
#pragma unroll
        for (int w = 0; w < finish_warps; w++) total += load(warp_sums, w * warp_size + lane);
        const Gradient before = load_streaming(GlobalView<const Gradient>{sums, columns}, column);
        store(GlobalView<Gradient>{sums, columns}, column, add(before, total, counter, column));
    }
}
