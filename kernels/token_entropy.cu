// The entropy, in nats, of each row's distribution over the vocabulary, from a chunk of fp32 logits, which stay as they
// are. One block a row, two passes.
//
//   entropy = log s - m / s,  s = sum_j exp(z_j - max),  m = sum_j exp(z_j - max) * (z_j - max)
//
// m is a sum of terms that are not positive, so both parts of the entropy are not negative and nothing cancels:
// |error| is below (2 * vocabulary / threads + 128) * 2^-24 * (1 + entropy). A logit of -infinity adds nothing; one that
// is NaN or +infinity makes its row's entropy NaN.
//
// logits: [rows, vocabulary] fp32, 16-byte aligned, rows `stride` elements apart, a multiple of 4; entropies: [rows] fp32.
// Grid: rows. Block: a multiple of 32, at most 1024. Shared memory: 384 bytes.
// token_entropy reads rows * vocabulary * 4 bytes once, rows * vocabulary * 4 from the caches, and writes rows * 4. The two
// readings are the two passes: of the second L2 has a part. Four packets a thread are in flight.
// Specialised by nothing.
#include "float_packet.cuh"
#include "reduction.cuh"

constexpr int largest_block = 1024;
constexpr int packets_in_flight = 4;

struct Moments {
    float sum = 0.0f;
    float moment = 0.0f;
};

__device__ __forceinline__ void add(Moments& moments, float logit, float maximum) {
    const float distance = logit - maximum;
    const float power = expf(distance);
    moments.sum += power;
    // 0 times -infinity would be NaN.
    if (power != 0.0f) moments.moment = fmaf(power, distance, moments.moment);
}

/// The thread's share of a row: every blockDim.x-th packet, several loads in flight.
template <typename Load, typename Use>
__device__ __forceinline__ void for_each_packet(const Load& load_at, int packet_count, const Use& use) {
    for (int begin = threadIdx.x; begin < packet_count; begin += packets_in_flight * blockDim.x) {
        Packet packets[packets_in_flight];
#pragma unroll
        for (int i = 0; i < packets_in_flight; i++) {
            const int packet = begin + i * static_cast<int>(blockDim.x);
            if (packet < packet_count) packets[i] = load_at(packet * floats_per_packet);
        }
#pragma unroll
        for (int i = 0; i < packets_in_flight; i++) {
            if (begin + i * static_cast<int>(blockDim.x) < packet_count) use(packets[i]);
        }
    }
}

extern "C" __global__ void __launch_bounds__(largest_block)
    token_entropy(const float* logits, int vocabulary, int stride, float* entropies) {
    const long long row_index = blockIdx.x;
    const GlobalView<const float> row{logits + row_index * stride, vocabulary};
    const SharedView<float> maximum_scratch = shared_memory<float>(0, largest_warp_count);
    const SharedView<float> sum_scratch = shared_memory<float>(block_reduction_shared_size, largest_warp_count);
    const SharedView<float> moment_scratch = shared_memory<float>(2 * block_reduction_shared_size, largest_warp_count);
    const int packet_count = vocabulary / floats_per_packet;
    // Of the logits after the last packet this thread has at most one.
    const int last = packet_count * floats_per_packet + static_cast<int>(threadIdx.x);

    float share = Maximum::identity;
    for_each_packet([&](int index) { return load_packet(row, index); }, packet_count, [&](const Packet& packet) {
#pragma unroll
        for (int i = 0; i < floats_per_packet; i++) share = fmaxf(share, float_of(packet, i));
    });
    if (last < vocabulary) share = fmaxf(share, load(row, last));
    const float maximum = block_max(share, maximum_scratch);

    Moments moments;
    for_each_packet([&](int index) { return load_packet_streaming(row, index); }, packet_count, [&](const Packet& packet) {
#pragma unroll
        for (int i = 0; i < floats_per_packet; i++) add(moments, float_of(packet, i), maximum);
    });
    if (last < vocabulary) add(moments, load_streaming(row, last), maximum);
    const float sum = block_sum(moments.sum, sum_scratch);
    const float moment = block_sum(moments.moment, moment_scratch);
    if (threadIdx.x == 0) store(GlobalView<float>{entropies, gridDim.x}, row_index, logf(sum) - moment / sum);
}
