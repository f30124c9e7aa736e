// The global gradient norm and the factor that clips to it, in two launches.
//
//   gradient_norm_partials: partials[b] = sum of g^2 over block b's elements
//   gradient_norm_finish:   norm = sqrt(sum of partials); clip = min(1, max_norm / (norm + 1e-6)), 1 where max_norm is 0
//
// A packet's squares are added in fp32, 4 (fp32) or 8 (bf16) of them, everything above in fp64: the result's relative
// error is below 8 * 2^-24 (the sum's, halved by the root, and the rounding to fp32) whatever the length; in fp32 alone
// 7e9 equal squares would stop adding up. Where a gradient is NaN or infinite, or beyond 1.8e19 so that its square is,
// the norm is NaN or infinite. It is NaN too where the step's loss is not finite, so that AdamW leaves such a step out;
// and it is written behind the loss's sums, so that the host reads one vector a step.
//
// gradients: [length] fp32 or bf16, 16-byte aligned; partials: [grid] fp64; norm_and_clip: [2] fp32;
// statistics: [70] fp64, the 69 of token_loss_statistics.cu and the norm, or null.
// Grid: the blocks that have work, at most 1024 (a function of length alone, not of the device's SMs: another cut into
// blocks is another order of addition, and the norm should be the same bits on every GPU). Block: 256. Each turn of the
// grid takes grid * 256 * 4 packets; the fewer than a packet at the end are the first threads' of block 0.
// gradient_norm_partials reads length * (4 - 2 * BFLOAT16) bytes once and writes grid * 8.
// gradient_norm_finish reads partials * 8 + statistics * 16 bytes once and writes 8 + statistics * 8.
// Specialised by: BFLOAT16 (0: fp32 gradients, 1: bf16).
#include "bfloat16.cuh"
#include "double_reduction.cuh"

constexpr int threads = 256;
constexpr int packets_per_turn = 4;
constexpr int weighted_loss_index = 1;
constexpr int nll_index = 2;
constexpr int norm_index = 69;
constexpr double not_a_number = __builtin_bit_cast(double, 0x7FF8000000000000ull);

__device__ __forceinline__ bool is_finite(double value) { return value - value == 0.0; }

#if BFLOAT16
using Gradient = bfloat16;
constexpr int gradients_per_packet = bfloat16_per_packet;
__device__ __forceinline__ float square_sum(const Packet& packet) {
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const float low = low_bfloat16(packet.words[i]);
        const float high = high_bfloat16(packet.words[i]);
        sum = fmaf(high, high, fmaf(low, low, sum));
    }
    return sum;
}
__device__ __forceinline__ float to_float(bfloat16 value) { return low_bfloat16(value); }
#else
using Gradient = float;
constexpr int gradients_per_packet = 4;
__device__ __forceinline__ float square_sum(const Packet& packet) {
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const float value = __builtin_bit_cast(float, packet.words[i]);
        sum = fmaf(value, value, sum);
    }
    return sum;
}
__device__ __forceinline__ float to_float(float value) { return value; }
#endif

extern "C" __global__ void __launch_bounds__(threads) gradient_norm_partials(
    const Gradient* gradients, long long length, double* partials) {
    const GlobalView<const Gradient> view{gradients, length};
    const long long packet_count = length / gradients_per_packet;
    const long long turn = static_cast<long long>(gridDim.x) * threads * packets_per_turn;
    double sum = 0.0;
    for (long long begin = static_cast<long long>(blockIdx.x) * threads * packets_per_turn + threadIdx.x;
         begin < packet_count; begin += turn) {
        Packet packets[packets_per_turn];
#pragma unroll
        for (int i = 0; i < packets_per_turn; i++) {
            const long long packet = begin + i * threads;
            packets[i] = packet < packet_count ? load_packet_streaming(view, packet * gradients_per_packet) : Packet{};
        }
#pragma unroll
        for (int i = 0; i < packets_per_turn; i++) sum += static_cast<double>(square_sum(packets[i]));
    }
    const long long last = packet_count * gradients_per_packet + threadIdx.x;
    if (blockIdx.x == 0 && last < length) {
        const float value = to_float(load_streaming(view, last));
        sum += static_cast<double>(value * value);
    }
    sum = block_sum(sum, shared_memory<double>(0, threads));
    if (threadIdx.x == 0) store(GlobalView<double>{partials, static_cast<long long>(gridDim.x)}, blockIdx.x, sum);
}

extern "C" __global__ void __launch_bounds__(threads) gradient_norm_finish(
    const double* partials, int partial_count, float max_norm, float* norm_and_clip, double* statistics) {
    const GlobalView<const double> view{partials, partial_count};
    double sum = 0.0;
    for (int i = threadIdx.x; i < partial_count; i += threads) sum += load_streaming(view, i);
    sum = block_sum(sum, shared_memory<double>(0, threads));
    if (threadIdx.x != 0) return;
    double norm = sqrt(sum);
    if (statistics != nullptr) {
        const GlobalView<const double> sums{statistics, norm_index};
        if (!is_finite(load_streaming(sums, weighted_loss_index)) || !is_finite(load_streaming(sums, nll_index))) norm = not_a_number;
        store(GlobalView<double>{statistics, norm_index + 1}, norm_index, static_cast<double>(static_cast<float>(norm)));
    }
    const double factor = static_cast<double>(max_norm) / (norm + 1e-6);
    const GlobalView<float> results{norm_and_clip, 2};
    store(results, 0, static_cast<float>(norm));
    store(results, 1, max_norm > 0.0f && factor < 1.0 ? static_cast<float>(factor) : 1.0f);
}
