// Copies between fp32 and bf16.
//
//   float_to_bfloat16: destination[i] = bf16(source[i])                     to nearest, ties to even
//   bfloat16_to_float: destination[i] = source[i]                           exact
//
// source, destination: [length], 16-byte aligned; they do not alias. A thread converts 8 elements, the last one what is left.
// Grid: ceil(length / 8 / 256). Block: 256.
// float_to_bfloat16 reads length * 4 bytes once and writes length * 2.
// bfloat16_to_float reads length * 2 bytes once and writes length * 4.
// Specialised by nothing.
#include "bfloat16.cuh"
#include "float_packet.cuh"

constexpr int block = 256;

extern "C" __global__ void __launch_bounds__(block) float_to_bfloat16(
    const float* source, bfloat16* destination, long long length) {
    const GlobalView<const float> from{source, length};
    const GlobalView<bfloat16> to{destination, length};
    const long long first = (static_cast<long long>(blockIdx.x) * block + threadIdx.x) * bfloat16_per_packet;
    if (first + bfloat16_per_packet <= length) {
        const Packet low = load_packet_streaming(from, first);
        const Packet high = load_packet_streaming(from, first + floats_per_packet);
        Packet result;
#pragma unroll
        for (int i = 0; i < 2; i++) {
            result.words[i] = to_bfloat16_pair(float_of(low, 2 * i), float_of(low, 2 * i + 1));
            result.words[2 + i] = to_bfloat16_pair(float_of(high, 2 * i), float_of(high, 2 * i + 1));
        }
        store_packet(to, first, result);
    } else {
        for (long long i = first; i < length; i++) {
            store(to, i, static_cast<bfloat16>(to_bfloat16_pair(load_streaming(from, i), 0.0f)));
        }
    }
}

extern "C" __global__ void __launch_bounds__(block) bfloat16_to_float(
    const bfloat16* source, float* destination, long long length) {
    const GlobalView<const bfloat16> from{source, length};
    const GlobalView<float> to{destination, length};
    const long long first = (static_cast<long long>(blockIdx.x) * block + threadIdx.x) * bfloat16_per_packet;
    if (first + bfloat16_per_packet <= length) {
        const Packet packet = load_packet_streaming(from, first);
        float values[bfloat16_per_packet];
#pragma unroll
        for (int i = 0; i < 4; i++) {
            values[2 * i] = low_bfloat16(packet.words[i]);
            values[2 * i + 1] = high_bfloat16(packet.words[i]);
        }
        store_packet(to, first, to_packet(values));
        store_packet(to, first + floats_per_packet, to_packet(values + floats_per_packet));
    } else {
        for (long long i = first; i < length; i++) store(to, i, low_bfloat16(load_streaming(from, i)));
    }
}
