// A packet as the four fp32 numbers that it holds.
#pragma once
#include "memory.cuh"

/// The fp32 numbers of a packet.
constexpr int floats_per_packet = 4;

/// The packet of four numbers.
__device__ __forceinline__ Packet to_packet(const float* values) {
    Packet packet;
#pragma unroll
    for (int i = 0; i < floats_per_packet; i++) packet.words[i] = __builtin_bit_cast(unsigned int, values[i]);
    return packet;
}

/// Number `index` of a packet.
__device__ __forceinline__ float float_of(const Packet& packet, int index) {
    return __builtin_bit_cast(float, packet.words[index]);
}
