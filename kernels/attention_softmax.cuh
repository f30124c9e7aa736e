// The online softmax (Milakov and Gimelshein 2018) of rows whose scores come some columns at a time.
#pragma once
#include "attention_tile.cuh"

/// Of a warp's 16·M rows, in the layout of C: row 16·m + 8·half + lane / 4.
template <int M>
struct OnlineSoftmax {
    float maximum[M][2];
    float sum[M][2]; // of this lane's columns

    __device__ __forceinline__ OnlineSoftmax() {
#pragma unroll
        for (int m = 0; m < M; m++) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                maximum[m][half] = negative_infinity;
                sum[m][half] = 0.0f;
            }
        }
    }

    /// Replaces scores by exp2(scale_log2 · (score - the row's maximum so far)), and rescales what was summed under an
    /// earlier maximum: this softmax's sums and `products`. Every row has had a finite score when it returns. All 32
    /// lanes call it.
    template <int N>
    __device__ __forceinline__ void update(float (&scores)[M][N][4], float (&products)[M][head_tiles][4], float scale_log2) {
        float correction[M][2];
        bool is_corrected = false;
#pragma unroll
        for (int m = 0; m < M; m++) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                float largest = maximum[m][half];
#pragma unroll
                for (int n = 0; n < N; n++) largest = fmaxf(largest, fmaxf(scores[m][n][2 * half], scores[m][n][2 * half + 1]));
                largest = warp_reduce<Maximum, 4>(largest);
                correction[m][half] = exp2_approximate((maximum[m][half] - largest) * scale_log2);
                is_corrected = is_corrected || largest > maximum[m][half];
                maximum[m][half] = largest;
                sum[m][half] *= correction[m][half];
            }
        }
        // Without a new maximum they would be multiplied by 1.
        if (warp_any(is_corrected)) {
#pragma unroll
            for (int m = 0; m < M; m++) {
#pragma unroll
                for (int n = 0; n < head_tiles; n++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) products[m][n][i] *= correction[m][i / 2];
                }
            }
        }
#pragma unroll
        for (int m = 0; m < M; m++) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                const float shift = maximum[m][half] * scale_log2;
#pragma unroll
                for (int n = 0; n < N; n++) {
#pragma unroll
                    for (int i = 2 * half; i < 2 * half + 2; i++) {
                        scores[m][n][i] = exp2_approximate(fmaf(scores[m][n][i], scale_log2, -shift));
                        sum[m][half] += scores[m][n][i];
                    }
                }
            }
        }
    }

    /// The row's sum over all columns. All 32 lanes call it.
    __device__ __forceinline__ float total(int m, int half) const { return warp_reduce<Sum, 4>(sum[m][half]); }
};
