// Adds fp32 sums to bf16 gradients, each result rounded stochastically: where a product has left a weight's gradient.
//
//   gradients[i] = bf16(gradients[i] + sums[i])             added in fp32
//
// The random bits are Philox(counter.key, counter.low + i / 8, counter.high), a half word an element.
// sums: [length] fp32; gradients: [length] bf16; both 16-byte aligned, not overlapping; length a multiple of 8.
// Grid: ceil(length / 8 / 256). Block: 256. A thread has eight elements, its three loads in flight at once.
// add_rounded reads length * (4 + 2) bytes once and writes length * 2.
// Specialised by nothing.
#include "float_packet.cuh"
#include "stochastic_rounding.cuh"

constexpr int block = 256;

extern "C" __global__ void __launch_bounds__(block) add_rounded(
    const float* sums, bfloat16* gradients, long long length, RandomCounter counter) {
    const long long group = static_cast<long long>(blockIdx.x) * block + threadIdx.x;
    const long long first = group * bfloat16_per_packet;
    if (first >= length) return;
    const GlobalView<const float> addends{sums, length};
    const GlobalView<bfloat16> results{gradients, length};
    const Packet low = load_packet_streaming(addends, first);
    const Packet high = load_packet_streaming(addends, first + floats_per_packet);
    const Packet before = load_packet_streaming(GlobalView<const bfloat16>{gradients, length}, first);

    float values[bfloat16_per_packet];
#pragma unroll
    for (int i = 0; i < floats_per_packet; i++) {
        values[i] = float_of(low, i);
        values[floats_per_packet + i] = float_of(high, i);
    }
    add_packet(values, before);
    store_packet(results, first, round_stochastically(values, random_of_group(counter, group)));
}
