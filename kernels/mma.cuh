// The tensor cores' product and the loads that feed it. Which lane holds which element: PTX ISA, "Matrix Fragments for
// mma.m16n8k16 with floating point type" and "Warp-level matrix load instruction: ldmatrix". With g = lane / 4 and
// t = lane % 4, each pair below being the two bf16 of a register, the lower half first:
//
//   A [16 × 16]  a[0]: (g, 2t..2t+1)   a[1]: (g + 8, 2t..2t+1)   a[2]: (g, 2t+8..2t+9)   a[3]: (g + 8, 2t+8..2t+9)
//   B [16 × 8]   b[0]: (2t..2t+1, g)   b[1]: (2t+8..2t+9, g)
//   C [16 × 8]   c[0], c[1]: (g, 2t..2t+1)   c[2], c[3]: (g + 8, 2t..2t+1)
#pragma once
#include "bfloat16.cuh"
#include "reduction.cuh"

/// c += A·B by mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32. All 32 lanes call it.
__device__ __forceinline__ void multiply_accumulate(
    float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1 DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    struct Operands {
        unsigned int a[4];
        unsigned int b[2];
        float c[4];
    };
    struct Result {
        float c[4];
    };
    const Operands operands{{a[0], a[1], a[2], a[3]}, {b0, b1}, {c[0], c[1], c[2], c[3]}};
    Result result;
    emulator::runtime->warp_collective(
        [](const void* inputs, void* outputs) {
            typedef float Row __attribute__((vector_size(8 * sizeof(float))));
            const auto* lanes = static_cast<const Operands*>(inputs);
            auto* results = static_cast<Result*>(outputs);
            float left[16][16];
            Row right[16];
            Row sum[16];
            for (int lane = 0; lane < warp_size; lane++) {
                const int g = lane / 4;
                const int t = lane % 4;
                for (int i = 0; i < 4; i++) {
                    float* pair = &left[g + i % 2 * 8][2 * t + i / 2 * 8];
                    pair[0] = low_bfloat16(lanes[lane].a[i]);
                    pair[1] = high_bfloat16(lanes[lane].a[i]);
                    sum[g + i / 2 * 8][2 * t + i % 2] = lanes[lane].c[i];
                }
                for (int i = 0; i < 2; i++) {
                    right[2 * t + i * 8][g] = low_bfloat16(lanes[lane].b[i]);
                    right[2 * t + i * 8 + 1][g] = high_bfloat16(lanes[lane].b[i]);
                }
            }
            for (int row = 0; row < 16; row++) {
                for (int k = 0; k < 16; k++) sum[row] += left[row][k] * right[k];
            }
            for (int lane = 0; lane < warp_size; lane++) {
                for (int i = 0; i < 4; i++) results[lane].c[i] = sum[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
            }
            emulator::runtime->count_mma(2 * 16 * 8 * 16);
        },
        &operands, sizeof operands, &result, sizeof result, DFTNATIVE_CALLER_LOCATION);
    for (int i = 0; i < 4; i++) c[i] = result.c[i];
#else
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}

/// Four 8 × 8 matrices of 16-bit elements by ldmatrix.sync.aligned.m8n8.x4.shared.b16: lane 8i + r gives the place of row
/// r of matrix i (8 elements from `index`), and the lane gets in fragments[i] elements (g, 2t..2t+1) of matrix i, or with
/// TRANSPOSED (.trans) elements (2t..2t+1, g). All 32 lanes call it.
template <bool TRANSPOSED>
__device__ __forceinline__ void load_matrices(
    unsigned int (&fragments)[4], SharedView<bfloat16> view, int index DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    struct Result {
        unsigned int fragments[4];
    };
    struct Row {
        Packet packet;
        unsigned long long address;
    };
    // Each lane reads the row whose place it gives, so that the checks know the thread.
    const Row row{load_packet(view, index DFTNATIVE_PASS_CALLER), reinterpret_cast<unsigned long long>(view.data + index)};
    Result result;
    emulator::runtime->warp_collective(
        [](const void* inputs, void* outputs) {
            const auto* rows = static_cast<const Row*>(inputs);
            auto* results = static_cast<Result*>(outputs);
            const auto element = [&](int matrix, int row, int column) {
                return rows[8 * matrix + row].packet.words[column / 2] >> column % 2 * 16 & 0xFFFFu;
            };
            // The 8 rows of a matrix are read at once if they lie in different 16 bytes of the 128 that the banks span.
            for (int i = 0; i < 4; i++) {
                int rows_in_bank[8] = {};
                for (int r = 0; r < 8; r++) {
                    if (rows_in_bank[rows[8 * i + r].address / 16 % 8]++ > 0) emulator::runtime->count_bank_conflict();
                }
            }
            for (int lane = 0; lane < warp_size; lane++) {
                const int g = lane / 4;
                const int t = lane % 4;
                for (int i = 0; i < 4; i++) {
                    results[lane].fragments[i] = TRANSPOSED ? element(i, 2 * t, g) | element(i, 2 * t + 1, g) << 16
                                                            : element(i, g, 2 * t) | element(i, g, 2 * t + 1) << 16;
                }
            }
        },
        &row, sizeof row, &result, sizeof result, DFTNATIVE_CALLER_LOCATION);
    for (int i = 0; i < 4; i++) fragments[i] = result.fragments[i];
#else
    const unsigned int address = shared_address(view.data + index);
    if (TRANSPOSED) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(fragments[0]), "=r"(fragments[1]), "=r"(fragments[2]), "=r"(fragments[3])
                     : "r"(address)
                     : "memory");
    } else {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(fragments[0]), "=r"(fragments[1]), "=r"(fragments[2]), "=r"(fragments[3])
                     : "r"(address)
                     : "memory");
    }
#endif
}
