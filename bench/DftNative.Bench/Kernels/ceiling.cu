// What a device's memory can do: the ceiling that memory-bound kernels are held to, and a flush of the caches.
//
//   copy_packets: destination[i] = source[i]
//   read_packets: reads source and keeps nothing of it, so that the caches hold what no measured kernel asks for, and hold
//                 nothing that has yet to be written back
//
// source, destination: [packets] of 16 bytes, 16-byte aligned, apart. unused: [1], written where a sum of bits is a number
// that random data do not give. Grid: any, it goes along in turns. Block: any. Moves packets * 32 and packets * 16 bytes.
#include "memory.cuh"

constexpr int packets_in_flight = 4;

extern "C" __global__ void copy_packets(const unsigned int* source, unsigned int* destination, long long packets) {
    const GlobalView<const unsigned int> from{source, packets * 4};
    const GlobalView<unsigned int> to{destination, packets * 4};
    const long long threads = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < packets; i += threads * packets_in_flight) {
        Packet values[packets_in_flight];
#pragma unroll
        for (int n = 0; n < packets_in_flight; n++) {
            if (i + n * threads < packets) values[n] = load_packet_streaming(from, 4 * (i + n * threads));
        }
#pragma unroll
        for (int n = 0; n < packets_in_flight; n++) {
            if (i + n * threads < packets) store_packet(to, 4 * (i + n * threads), values[n]);
        }
    }
}

extern "C" __global__ void read_packets(const unsigned int* source, unsigned int* unused, long long packets) {
    const GlobalView<const unsigned int> from{source, packets * 4};
    const long long threads = static_cast<long long>(gridDim.x) * blockDim.x;
    unsigned int bits = 0;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < packets; i += threads) {
        const Packet values = load_packet(from, 4 * i);
        bits += values.words[0] ^ values.words[1] ^ values.words[2] ^ values.words[3];
    }
    if (bits == 0x9E3779B9u) store(GlobalView<unsigned int>{unused, 1}, 0, bits);
}
