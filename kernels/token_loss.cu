// The token loss over a chunk of fp32 logits, and its gradient in bf16 over the same rows. One block a row, two passes.
//
//   log_p = (z_y - max) - log s,  s = sum_j exp(z_j - max)      one pass: every thread keeps a running max and sum
//   w     = static_weight * max(p^exponent, minimum_weight) * (1 - p)^focal_gamma
//           a power of 0 is 1, without the minimum; is_static: static_weight alone; 1 - p = -expm1(log_p)
//   loss  = -w * log_p
//   dz_j  = scale * w * (exp(z_j - max) / s - [j = y])          the entry of y as scale * w * expm1(log_p)
//
// |error of log_p| is below (3 * vocabulary / threads + 64) * 2^-24 + 2^-21 * |log_p|: s has positive terms, of which a
// thread adds its share in sequence and rescales it at most every fourth time; expf, logf and expm1f are within 2 ulp.
// The gradient's own error is that of w and bf16's rounding, 2^-8; w's relative error is log_p's times exponent, and
// times focal_gamma * p / (1 - p), which is (1 - p)^focal_gamma at the resolution of log_p where p is almost 1.
// p never comes from bf16 logits, nor -log_p or 1 - p from p.
// A logit that is NaN or +infinity makes its row's log_p and gradient NaN; -infinity is a p of 0.
//
// In place: gradient j is at bytes [2j, 2j + 2) of its row, where logit j / 2 was. The second pass goes along the row in
// waves of blockDim.x * 8 logits, in which each thread first loads eight logits and then stores their eight gradients.
// Wave n's gradients lie over logits that wave n / 2 (rounded down) or an earlier one loads. Hence a barrier between loads
// and stores in wave b makes the stores of waves up to 2b + 1 safe, and waves 0, 2, 6, 14, ... (2^k - 2) are enough.
//
// logits: [rows, vocabulary] fp32, 16-byte aligned, rows `stride` elements apart, a multiple of 4; gradients: the same
// memory, bf16, rows 2 * stride elements apart; what is between the rows stays as it is. targets: [rows] int32, in
// [0, vocabulary); static_weights: [rows] fp32; is_static: [rows] int32; log_probabilities: [rows] fp32;
// row_statistics: [rows] of RowStatistics, 16-byte aligned.
// Grid: rows. Block: a multiple of 32, at most 1024. Shared memory: 272 bytes.
// token_loss reads rows * (vocabulary * 4 + 16) bytes once, rows * GRADIENT * vocabulary * 4 from the caches, and writes
// rows * (vocabulary * 2 * GRADIENT + 20).
// The logits' second reading is from L2 in part: a row of 152,064 is 594 KB, those of 132 blocks 76 MB. 16 bytes are y's
// logit and the operands.
// Specialised by: GRADIENT (0: forward alone, 1).
#include "bfloat16.cuh"
#include "reduction.cuh"
#include "token_loss_statistics.cuh"

constexpr int largest_block = 1024;
constexpr int logits_per_packet = 4;
constexpr int logits_per_store = bfloat16_per_packet;
constexpr int packets_in_flight = 4;

/// A maximum and the sum of exp(z - maximum) over the logits seen so far. Finite from the start, so that a row that
/// begins with -infinity is no difference of infinities.
struct RunningSum {
    float maximum = Maximum::identity;
    float sum = 0.0f;
};

__device__ __forceinline__ float logit(const Packet& packet, int i) { return __builtin_bit_cast(float, packet.words[i]); }

__device__ __forceinline__ void raise_maximum(RunningSum& running, float maximum) {
    if (maximum > running.maximum) {
        running.sum *= expf(running.maximum - maximum);
        running.maximum = maximum;
    }
}

__device__ __forceinline__ void add(RunningSum& running, const Packet& packet) {
    raise_maximum(running, fmaxf(fmaxf(logit(packet, 0), logit(packet, 1)), fmaxf(logit(packet, 2), logit(packet, 3))));
#pragma unroll
    for (int i = 0; i < logits_per_packet; i++) running.sum += expf(logit(packet, i) - running.maximum);
}

/// The thread's share of the first pass: every blockDim.x-th packet, and one of the logits after the last packet.
__device__ __forceinline__ RunningSum sum_of_share(GlobalView<const float> row, int vocabulary) {
    RunningSum running;
    const int packet_count = vocabulary / logits_per_packet;
    for (int begin = threadIdx.x; begin < packet_count; begin += packets_in_flight * blockDim.x) {
        Packet packets[packets_in_flight];
#pragma unroll
        for (int i = 0; i < packets_in_flight; i++) {
            const int packet = begin + i * static_cast<int>(blockDim.x);
            if (packet < packet_count) {
                packets[i] = GRADIENT ? load_packet(row, packet * logits_per_packet)
                                      : load_packet_streaming(row, packet * logits_per_packet);
            }
        }
#pragma unroll
        for (int i = 0; i < packets_in_flight; i++) {
            if (begin + i * static_cast<int>(blockDim.x) < packet_count) add(running, packets[i]);
        }
    }
    const int last = packet_count * logits_per_packet + static_cast<int>(threadIdx.x);
    if (last < vocabulary) {
        const float value = GRADIENT ? load(row, last) : load_streaming(row, last);
        raise_maximum(running, value);
        running.sum += expf(value - running.maximum);
    }
    return running;
}

/// w without the static weight. Of p = 1, where logf(1 - p) is -infinity, (1 - p)^focal_gamma is 0.
__device__ __forceinline__ float weight_of(float log_probability, float exponent, float minimum_weight, float focal_gamma) {
    float weight = 1.0f;
    if (exponent != 0.0f) weight = fmaxf(expf(exponent * log_probability), minimum_weight);
    if (focal_gamma != 0.0f) weight *= expf(focal_gamma * logf(-expm1f(log_probability)));
    return weight;
}

/// The second pass. `factor` is scale * w / s.
__device__ __forceinline__ void write_gradients(
    GlobalView<const float> row, GlobalView<bfloat16> gradients, int vocabulary, int target, float maximum, float factor,
    float target_gradient) {
    const int wave_size = blockDim.x * logits_per_store;
    int wave = 0;
    for (int begin = 0; begin < vocabulary; begin += wave_size, wave++) {
        const int first = begin + threadIdx.x * logits_per_store;
        const int count = vocabulary - first;
        float values[logits_per_store];
        if (count >= logits_per_store) {
            const Packet packets[2] = {
                load_packet_streaming(row, first), load_packet_streaming(row, first + logits_per_packet)};
#pragma unroll
            for (int i = 0; i < logits_per_store; i++) {
                values[i] = logit(packets[i / logits_per_packet], i % logits_per_packet);
            }
        } else {
#pragma unroll
            for (int i = 0; i < logits_per_store; i++) values[i] = i < count ? load_streaming(row, first + i) : 0.0f;
        }

        const int power = wave + 2;
        if ((power & (power - 1)) == 0) __syncthreads();

#pragma unroll
        for (int i = 0; i < logits_per_store; i++) {
            values[i] = first + i == target ? target_gradient : factor * expf(values[i] - maximum);
        }
        if (count >= logits_per_store) {
            Packet packet;
#pragma unroll
            for (int i = 0; i < 4; i++) packet.words[i] = to_bfloat16_pair(values[2 * i], values[2 * i + 1]);
            store_packet(gradients, first, packet);
        } else {
#pragma unroll
            for (int i = 0; i < logits_per_store; i++) {
                if (i < count) store(gradients, first + i, static_cast<bfloat16>(to_bfloat16_pair(values[i], 0.0f)));
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(largest_block) token_loss(
    float* logits, int vocabulary, int stride, const int* targets, const float* static_weights, const int* is_static,
    float* log_probabilities, RowStatistics* row_statistics, float scale, float exponent, float minimum_weight,
    float focal_gamma) {
    const long long row_index = blockIdx.x;
    const long long rows = gridDim.x;
    float* const row_begin = logits + row_index * stride;
    const GlobalView<const float> row{row_begin, vocabulary};
    const SharedView<float> maximum_scratch = shared_memory<float>(0, largest_warp_count);
    const SharedView<float> sum_scratch = shared_memory<float>(block_reduction_shared_size, largest_warp_count);
    const SharedView<float> weights = shared_memory<float>(2 * block_reduction_shared_size, 2);
    const SharedView<int> integers = shared_memory<int>(2 * block_reduction_shared_size + 8, 2);

    // One thread's reads for all; the barriers of the reductions publish them. They are over before the first gradient
    // is stored where y's logit was.
    if (threadIdx.x == 0) {
        const int target = load_streaming(GlobalView<const int>{targets, rows}, row_index);
        store(integers, 0, target);
        store(integers, 1, load_streaming(GlobalView<const int>{is_static, rows}, row_index));
        store(weights, 0, load_streaming(row, target));
        store(weights, 1, load_streaming(GlobalView<const float>{static_weights, rows}, row_index));
    }

    const RunningSum share = sum_of_share(row, vocabulary);
    const float maximum = block_max(share.maximum, maximum_scratch);
    const float sum = block_sum(share.sum * expf(share.maximum - maximum), sum_scratch);

    const float target_logit = load(weights, 0);
    const float log_probability = target_logit - maximum - logf(sum);
    const float weight =
        load(weights, 1) *
        (load(integers, 1) != 0 ? 1.0f : weight_of(log_probability, exponent, minimum_weight, focal_gamma));
    if (threadIdx.x == 0) {
        // A maximum passes over NaN; log_p is at most 0 unless it is one.
        const bool is_correct = target_logit >= maximum && log_probability <= 0.0f;
        store(GlobalView<float>{log_probabilities, rows}, row_index, log_probability);
        store_statistics(
            GlobalView<RowStatistics>{row_statistics, rows}, row_index,
            {-weight * log_probability, log_probability, expf(log_probability), is_correct ? 1.0f : 0.0f});
    }
#if GRADIENT
    write_gradients(
        row, GlobalView<bfloat16>{reinterpret_cast<bfloat16*>(row_begin), vocabulary}, vocabulary, load(integers, 0), maximum,
        scale * weight / sum, scale * weight * expm1f(log_probability));
#endif
}
