// The arithmetic of cuBLASLt's look-alike: matrices in host memory, column-major, bf16 products summed in fp32.
#pragma once
#include <cstdint>

namespace emulator {

/// op(X): element (i, j) is data[i + j * leading_dimension], or that of (j, i) where transposed.
struct ProductOperand {
    const std::uint16_t* data;
    std::int64_t leading_dimension;
    bool transposed;
};

/// How the sum over k is cut.
enum class Summation {
    sequential,           // one fused multiply-add after the other
    two_parts,            // two such sums, then their sum
    three_parts_unordered // three, added in an order that changes from call to call, as atomics would
};

/// D = alpha * op(A) * op(B) + beta * D + bias, with D m by n; op(A) m by k; op(B) k by n; bias of m elements, or null.
struct MatrixProduct {
    std::int64_t m, n, k;
    ProductOperand a, b;
    void* d;
    std::int64_t d_leading_dimension;
    bool d_is_bfloat16;  // else fp32; as D's type is the bias's
    const void* bias;
    float alpha, beta;
    Summation summation;
};

/// The bits depend on the operands and the summation alone, not on blocking. Beta 0 does not read D.
void multiply(const MatrixProduct& product);

}  // namespace emulator
