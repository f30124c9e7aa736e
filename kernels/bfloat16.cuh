// bfloat16 as the 16-bit integer it is, since NVRTC has no cuda_bf16.h. Arithmetic is fp32.
#pragma once
#include "memory.cuh"

/// A bf16's bits: the upper half of an fp32.
using bfloat16 = unsigned short;

/// The bf16 numbers of a packet.
constexpr int bfloat16_per_packet = 8;

/// Two fp32 rounded to bf16, to nearest with ties to even: `low` in the lower half. NaN becomes 0x7FFF.
__device__ __forceinline__ unsigned int to_bfloat16_pair(float low, float high) {
#ifdef DFTNATIVE_EMULATOR
    const auto round = [](float value) {
        const auto bits = __builtin_bit_cast(unsigned int, value);
        if (value != value) return 0x7FFFu;
        return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    };
    return round(high) << 16 | round(low);
#else
    unsigned int pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
#endif
}

/// The lower bf16 of a pair; exact.
__device__ __forceinline__ float low_bfloat16(unsigned int pair) { return __builtin_bit_cast(float, pair << 16); }

/// The upper bf16 of a pair; exact.
__device__ __forceinline__ float high_bfloat16(unsigned int pair) { return __builtin_bit_cast(float, pair & 0xFFFF0000u); }

/// Adds a packet's numbers to fp32 sums.
__device__ __forceinline__ void add_packet(float (&sums)[bfloat16_per_packet], const Packet& packet) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        sums[2 * i] += low_bfloat16(packet.words[i]);
        sums[2 * i + 1] += high_bfloat16(packet.words[i]);
    }
}
