// Functions that the hardware approximates in one instruction.
#pragma once
#include "memory.cuh"

constexpr float log2_of_e = 1.44269504088896f;
constexpr float negative_infinity = __builtin_bit_cast(float, 0xFF800000u);

/// 2^x by ex2.approx.ftz.f32: within 2 ulp (PTX ISA), 0 for −∞; arguments and results that are subnormal become zero.
__device__ __forceinline__ float exp2_approximate(float x) {
#ifdef DFTNATIVE_EMULATOR
    constexpr float smallest_normal = 1.17549435e-38f;
    const float result = __builtin_exp2f(x < smallest_normal && x > -smallest_normal ? 0.0f : x);
    return result < smallest_normal ? 0.0f : result;
#else
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
#endif
}
