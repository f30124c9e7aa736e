// The tiles that the attention kernels keep in shared memory, and the products that they take of them.
//
// A tile is ROWS rows of HEAD_DIM bf16: one head's channels, zero from the head's real dimension on. The 16-byte chunks of
// a row are permuted by XOR with the row's number modulo 8, so that the 8 rows of an ldmatrix lie in different banks.
// Warps multiply by mma.m16n8k16: `sum[m][n]` is a warp's product of 16·M rows and 8·N columns in the layout of C.
#pragma once
#include "approximate_math.cuh"
#include "async_copy.cuh"
#include "mma.cuh"
#include "strided_rows.cuh"

constexpr int tile_chunks = HEAD_DIM / bfloat16_per_packet;
constexpr int head_tiles = HEAD_DIM / 8;  // n of an mma
constexpr int head_steps = HEAD_DIM / 16; // k of an mma

/// What a block works on, made by the host.
struct AttentionTile {
    int row;       // the first of the tile's rows
    int row_count; // its rows that exist
    int other_row; // the first row that they are multiplied with
    int visible;   // of those: what the tile's first row sees, or the number of rows that see it
};

__device__ __forceinline__ AttentionTile load_tile(const int* tiles, int index) {
    const Packet packet = load_packet(GlobalView<const int>{tiles + index * 4LL, 4}, 0);
    return __builtin_bit_cast(AttentionTile, packet);
}

/// Where a chunk of a row lies in a tile.
__device__ __forceinline__ int tile_index(int row, int chunk) {
    return (row * tile_chunks + (chunk ^ (row & 7))) * bfloat16_per_packet;
}

/// The place `rows` rows (a multiple of 8) below and `chunks` chunks (an even number) right of the place of chunk 0 or 1.
__device__ __forceinline__ int tile_step(int place, int rows, int chunks) {
    return (place ^ chunks * bfloat16_per_packet) + rows * HEAD_DIM;
}

template <int ROWS>
__device__ __forceinline__ SharedView<bfloat16> shared_tile(int offset) {
    return shared_memory<bfloat16>(offset, ROWS * HEAD_DIM);
}

/// The block begins to copy a head's channels, from column `begin` on, of ROWS rows; rows from `row_count` on become zero.
template <int ROWS>
__device__ __forceinline__ void copy_tile_async(
    SharedView<bfloat16> tile, StridedRows<const bfloat16> source, int first_row, int begin, int row_count, int head_dim) {
    constexpr int rows_at_once = THREADS / tile_chunks;
    static_assert(THREADS % tile_chunks == 0 && rows_at_once % 8 == 0 && ROWS % rows_at_once == 0);
    const int thread = threadIdx.x;
    const int first = thread / tile_chunks;
    const int column = thread % tile_chunks * bfloat16_per_packet;
    const int place = tile_index(first, thread % tile_chunks);
    const int remaining = row_count - first;
#pragma unroll
    for (int i = 0; i < ROWS / rows_at_once; i++) {
        const int row = i * rows_at_once;
        copy_packet_async(
            tile, tile_step(place, row, 0), source.row(first_row + first + row, begin + column, head_dim - column), 0,
            row < remaining && column < head_dim);
    }
}

/// 16·M rows of a tile as a warp's left operand: read once and kept in registers (4·M·HEAD_DIM / 16 of them), or read
/// for each product.
template <int M, bool IN_REGISTERS>
struct LeftRows {
    SharedView<bfloat16> tile;
    int place;
    unsigned int kept[IN_REGISTERS ? head_steps : 1][M][4];

    __device__ __forceinline__ LeftRows(SharedView<bfloat16> rows, int first_row) : tile(rows) {
        const int lane = threadIdx.x % warp_size;
        place = tile_index(first_row + lane % 16, lane / 16);
        if constexpr (IN_REGISTERS) {
#pragma unroll
            for (int k = 0; k < head_steps; k++) {
#pragma unroll
                for (int m = 0; m < M; m++) load_matrices<false>(kept[k][m], tile, tile_step(place, 16 * m, 2 * k));
            }
        }
    }

    /// The operand's columns 16·k … 16·k + 15.
    __device__ __forceinline__ void get(unsigned int (&a)[M][4], int k) const {
#pragma unroll
        for (int m = 0; m < M; m++) {
            if constexpr (IN_REGISTERS) {
#pragma unroll
                for (int i = 0; i < 4; i++) a[m][i] = kept[k][m][i];
            } else {
                load_matrices<false>(a[m], tile, tile_step(place, 16 * m, 2 * k));
            }
        }
    }
};

/// sum[m][n] += left · (rows of `right` from right_row)ᵀ.
template <int M, int N, bool IN_REGISTERS>
__device__ __forceinline__ void multiply_by_rows(
    float (&sum)[M][N][4], const LeftRows<M, IN_REGISTERS>& left, SharedView<bfloat16> right, int right_row) {
    const int lane = threadIdx.x % warp_size;
    const int place = tile_index(right_row + lane / 16 * 8 + lane % 8, lane / 8 % 2);
#pragma unroll
    for (int k = 0; k < head_steps; k++) {
        unsigned int a[M][4];
        left.get(a, k);
#pragma unroll
        for (int n = 0; n < N; n += 2) {
            unsigned int b[4];
            load_matrices<false>(b, right, tile_step(place, 8 * n, 2 * k));
#pragma unroll
            for (int m = 0; m < M; m++) {
                multiply_accumulate(sum[m][n], a[m], b[0], b[1]);
                multiply_accumulate(sum[m][n + 1], a[m], b[2], b[3]);
            }
        }
    }
}

/// sum[m][n] += left · (16·K rows of `right` from right_row), left rounded to bf16.
template <int M, int N>
__device__ __forceinline__ void multiply_by_columns(
    float (&sum)[M][head_tiles][4], const float (&left)[M][N][4], SharedView<bfloat16> right, int right_row) {
    const int lane = threadIdx.x % warp_size;
    const int place = tile_index(right_row + lane % 16, lane / 16);
#pragma unroll
    for (int k = 0; k < N / 2; k++) {
        // C's layout of two neighbouring products is A's of one.
        unsigned int a[M][4];
#pragma unroll
        for (int m = 0; m < M; m++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float(&pairs)[4] = left[m][2 * k + i / 2];
                a[m][i] = to_bfloat16_pair(pairs[i % 2 * 2], pairs[i % 2 * 2 + 1]);
            }
        }
#pragma unroll
        for (int n = 0; n < head_tiles; n += 2) {
            unsigned int b[4];
            load_matrices<true>(b, right, tile_step(place, 16 * k, n));
#pragma unroll
            for (int m = 0; m < M; m++) {
                multiply_accumulate(sum[m][n], a[m], b[0], b[1]);
                multiply_accumulate(sum[m][n + 1], a[m], b[2], b[3]);
            }
        }
    }
}

template <int M, int N>
__device__ __forceinline__ void clear(float (&sum)[M][N][4]) {
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
        for (int n = 0; n < N; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) sum[m][n][i] = 0.0f;
        }
    }
}

/// A warp writes bf16(sum · factor of the row) to a head's channels of 16·M rows, those below row_count, in whole packets:
/// they change hands in the tile's rows from tile_row on, which this warp alone has read since the last barrier.
template <int M>
__device__ __forceinline__ void store_rows(
    const float (&sum)[M][head_tiles][4], const float (&factor)[M][2], SharedView<bfloat16> tile, int tile_row,
    StridedRows<bfloat16> destination, long long first_row, int begin, int row_count, int head_dim) {
    const int lane = threadIdx.x % warp_size;
    const SharedView<unsigned int> pairs{reinterpret_cast<unsigned int*>(tile.data), tile.length / 2};
    __syncwarp();
#pragma unroll
    for (int m = 0; m < M; m++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = tile_row + 16 * m + 8 * half + lane / 4;
#pragma unroll
            for (int n = 0; n < head_tiles; n++) {
                store(pairs, tile_index(row, n) / 2 + lane % 4,
                      to_bfloat16_pair(sum[m][n][2 * half] * factor[m][half], sum[m][n][2 * half + 1] * factor[m][half]));
            }
        }
    }
    __syncwarp();
    constexpr int rows_at_once = warp_size / tile_chunks;
    const int chunk = lane % tile_chunks;
    const int column = chunk * bfloat16_per_packet;
#pragma unroll
    for (int i = 0; i < 16 * M / rows_at_once; i++) {
        const int row = tile_row + lane / tile_chunks + i * rows_at_once;
        if (row < row_count && column < head_dim) {
            store_packet(destination.row(first_row + row, begin, head_dim), column, load_packet(tile, tile_index(row, chunk)));
        }
    }
}
