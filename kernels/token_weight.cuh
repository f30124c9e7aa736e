// The weight of a token among those to be drawn, as the CPU's TokenWeight has it, to the bit: IEEE operations alone.
#pragma once
#include "memory.cuh"

/// A weight of 1 in whole units. Sums of units are exact, so that neither their order nor the device shows in them.
constexpr float units_of_one = 17592186044416.0f;  // 2^44

/// Weights below e^-31 are 0, so that every other one is at least half a unit.
constexpr float least_logarithm = -31.0f;

/// Below the bits of every weight that is not 0: those of 2^-45.
constexpr unsigned int least_bits = (127u - 45u) << 23;

/// e^x for x = (logit - largest) * inverse_temperature, within 2 ulp: x = n ln 2 + r, a polynomial in r, and 2^n.
__device__ __forceinline__ float weight_of(float logit, float largest, float inverse_temperature) {
    const float x = (logit - largest) * inverse_temperature;
    if (!(x >= least_logarithm)) return 0.0f;
    const float n = floorf(fmaf(x, 1.44269504f, 0.5f));
    float r = fmaf(n, -0.693359375f, x);
    r = fmaf(n, 2.12194440e-4f, r);
    float p = fmaf(1.9875691500e-4f, r, 1.3981999507e-3f);
    p = fmaf(p, r, 8.3334519073e-3f);
    p = fmaf(p, r, 4.1665795894e-2f);
    p = fmaf(p, r, 1.6666665459e-1f);
    p = fmaf(p, r, 0.5f);
    p = fmaf(p, r * r, r) + 1.0f;
    return __builtin_bit_cast(float, __builtin_bit_cast(int, p) + static_cast<int>(n) * (1 << 23));
}

/// The weight in units, to nearest (ties to even).
__device__ __forceinline__ unsigned long long units_of(float weight) { return __float2ull_rn(weight * units_of_one); }
