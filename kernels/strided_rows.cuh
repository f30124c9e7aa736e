// A matrix whose rows lie apart.
#pragma once
#include "memory.cuh"

/// Rows of a matrix, `stride` elements apart.
template <typename T>
struct StridedRows {
    T* data;
    long long stride;

    /// `length` elements of a row, from column `begin`.
    __device__ __forceinline__ GlobalView<T> row(long long index, int begin, int length) const {
        return {data + index * stride + begin, length};
    }
};
