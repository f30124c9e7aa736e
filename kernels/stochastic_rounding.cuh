// bf16 by stochastic rounding: up with the probability that makes the rounded number right on average, so that updates
// far below a bf16 step add up. The random bits are a function of their coordinates: no state, and the same bits
// however the work is cut up.
#pragma once
#include "bfloat16.cuh"

/// 128 random bits.
struct RandomBits {
    unsigned int words[4];
};

/// Philox 4x32 with ten rounds (Salmon et al. 2011): the bits that CounterRandom.Philox gives for the same arguments.
__device__ __forceinline__ RandomBits philox(
    unsigned long long key, unsigned long long counter_low, unsigned long long counter_high) {
    unsigned int key0 = static_cast<unsigned int>(key);
    unsigned int key1 = static_cast<unsigned int>(key >> 32);
    unsigned int x0 = static_cast<unsigned int>(counter_low);
    unsigned int x1 = static_cast<unsigned int>(counter_low >> 32);
    unsigned int x2 = static_cast<unsigned int>(counter_high);
    unsigned int x3 = static_cast<unsigned int>(counter_high >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const unsigned long long product0 = 0xD2511F53ull * x0;
        const unsigned long long product1 = 0xCD9E8D57ull * x2;
        x0 = static_cast<unsigned int>(product1 >> 32) ^ x1 ^ key0;
        x2 = static_cast<unsigned int>(product0 >> 32) ^ x3 ^ key1;
        x1 = static_cast<unsigned int>(product1);
        x3 = static_cast<unsigned int>(product0);
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return {{x0, x1, x2, x3}};
}

/// Where one addition to bf16 gradients takes its random bits: eight elements share a group, whose number is added to
/// `low`. The layout of RandomCounter.
struct RandomCounter {
    unsigned long long key, low, high;
};

/// The random bits of a group.
__device__ __forceinline__ RandomBits random_of_group(const RandomCounter& counter, unsigned long long group) {
    return philox(counter.key, counter.low + group, counter.high);
}

/// fp32 to bf16, up where 16 random bits exceed what is to the lower neighbour's favour. What is not finite is cut off.
__device__ __forceinline__ bfloat16 round_stochastically(float value, unsigned int random16) {
    constexpr float largest = 3.402823466e38f;
    unsigned int bits = __builtin_bit_cast(unsigned int, value);
    if (fabsf(value) <= largest) bits += random16;
    return static_cast<bfloat16>(bits >> 16);
}

/// The 16 random bits of element `i` of eight. The words are chosen and not indexed: they stay in registers where `i` is
/// not a constant.
__device__ __forceinline__ unsigned int random16(const RandomBits& random, int i) {
    const unsigned int first = i < 2 ? random.words[0] : random.words[1];
    const unsigned int second = i < 6 ? random.words[2] : random.words[3];
    return (i < 4 ? first : second) >> (i % 2 * 16) & 0xFFFFu;
}

/// Eight numbers rounded, a packet.
__device__ __forceinline__ Packet round_stochastically(const float (&values)[bfloat16_per_packet], const RandomBits& random) {
    Packet packet;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const unsigned int low = round_stochastically(values[2 * i], random16(random, 2 * i));
        const unsigned int high = round_stochastically(values[2 * i + 1], random16(random, 2 * i + 1));
        packet.words[i] = high << 16 | low;
    }
    return packet;
}
