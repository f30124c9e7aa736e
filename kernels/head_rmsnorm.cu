// RMSNorm of each head's channels by itself (Qwen3's q_norm and k_norm): a group of lanes a head, a packet a lane.
//
//   rstd[t,h] = 1 / sqrt(mean_c x[t,h,c]^2 + epsilon)                       fp32, kept for backward
//   y[t,h,c]  = bf16(bf16(x[t,h,c] * rstd[t,h]) * w[c])                     two roundings, as transformers' Qwen3RMSNorm does
// backward, with n = x * rstd and g = dy * w, both fp32:
//   dx[t,h,c] = bf16(rstd * (g - n * mean_c(g * n)))
//   partials[b,c] = sum over block b's heads of dy[t,h,c] * n[t,h,c]        fp32, for column_sum_finish
//
// x, y, dy, dx: [tokens, heads * head_dimension] bf16, rows 16-byte aligned, `…_stride` elements apart;
// w: [head_dimension] bf16, 16-byte aligned; rstd: [tokens * heads] fp32; partials: [grid, head_dimension] fp32.
// head_dimension: a multiple of 8, at most 256. y is not x; dx may be dy or x: a thread reads a place before it writes it,
// and no other does. items = tokens * heads, below 2^31; lanes = the power of two that is at least head_dimension / 8.
// forward: grid ceil(items * lanes / 256 / 2), block 256: a lane takes its packet of two heads at once.
//   head_rmsnorm_forward reads items * head_dimension * 2 bytes once, grid * 256 / lanes * head_dimension * 2 from the
//   caches, and writes items * (head_dimension * 2 + 4).
// backward: block 512; block b takes its share of the items, then those a grid further on, and loads them while it still
//   works on the ones before. Shared: 512 * 8 fp32.
//   head_rmsnorm_backward reads items * head_dimension * 2 * 2 bytes once,
//   items * head_dimension / 8 * 4 + grid * 512 / lanes * head_dimension * 2 from the caches, and writes
//   items * head_dimension * 2 + grid * head_dimension * 4.
//   From the caches come rstd and w.
// Every sum has a fixed order. Specialised by nothing.
#include "bfloat16.cuh"
#include "float_packet.cuh"
#include "reduction.cuh"

constexpr int forward_block = 256;
constexpr int forward_heads = 2;
constexpr int backward_block = 512;

/// The part of a row that is one item's head.
template <typename T>
__device__ __forceinline__ GlobalView<T> head_view(T* matrix, unsigned int item, int heads, int head_dimension, int stride) {
    const long long token = item / heads;
    const int head = item % heads;
    return {matrix + token * stride + head * head_dimension, head_dimension};
}

extern "C" __global__ void __launch_bounds__(forward_block) head_rmsnorm_forward(
    const bfloat16* x, const bfloat16* weight, bfloat16* output, float* rstd, unsigned int items, int heads,
    int head_dimension, int lanes, int x_stride, int output_stride, float epsilon) {
    const int column = threadIdx.x % lanes * bfloat16_per_packet;
    const unsigned int groups = blockDim.x / lanes;
    const unsigned int first = blockIdx.x * forward_heads * groups + threadIdx.x / lanes;

    Packet values[forward_heads];
#pragma unroll
    for (int h = 0; h < forward_heads; h++) {
        const unsigned int item = first + h * groups;
        values[h] = {};
        if (item < items && column < head_dimension) {
            values[h] = load_packet_streaming(head_view(x, item, heads, head_dimension, x_stride), column);
        }
    }
    Packet scale = {};
    if (column < head_dimension) scale = load_packet(GlobalView<const bfloat16>{weight, head_dimension}, column);

#pragma unroll
    for (int h = 0; h < forward_heads; h++) {
        const unsigned int item = first + h * groups;
        float square_sum = 0.0f;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const float low = low_bfloat16(values[h].words[i]);
            const float high = high_bfloat16(values[h].words[i]);
            square_sum = fmaf(high, high, fmaf(low, low, square_sum));
        }

        square_sum = warp_group_sum(square_sum, lanes);
        const float head_rstd = 1.0f / sqrtf(square_sum / static_cast<float>(head_dimension) + epsilon);
        if (item < items && column < head_dimension) {
            if (column == 0) store(GlobalView<float>{rstd, items}, item, head_rstd);
            Packet result;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const unsigned int normalized = to_bfloat16_pair(
                    low_bfloat16(values[h].words[i]) * head_rstd, high_bfloat16(values[h].words[i]) * head_rstd);
                result.words[i] = to_bfloat16_pair(
                    low_bfloat16(normalized) * low_bfloat16(scale.words[i]),
                    high_bfloat16(normalized) * high_bfloat16(scale.words[i]));
            }
            store_packet(head_view(output, item, heads, head_dimension, output_stride), column, result);
        }
    }
}

/// A lane's part of a head's operands, as loaded; zeros where there is none.
struct Head {
    Packet gradients;
    Packet values;
    float rstd;
};

extern "C" __global__ void __launch_bounds__(backward_block) head_rmsnorm_backward(
    const bfloat16* output_gradient, const bfloat16* x, const bfloat16* weight, const float* rstd, bfloat16* x_gradient,
    float* partials, unsigned int items, int heads, int head_dimension, int lanes, int output_gradient_stride,
    int x_stride, int x_gradient_stride) {
    const int column = threadIdx.x % lanes * bfloat16_per_packet;
    const int group = threadIdx.x / lanes;
    const int groups = blockDim.x / lanes;

    Packet scale = {};
    if (column < head_dimension) scale = load_packet(GlobalView<const bfloat16>{weight, head_dimension}, column);
    float weight_gradients[bfloat16_per_packet] = {};

    const auto load_head = [&](Head& head, unsigned int item) {
        head = {};
        if (item < items && column < head_dimension) {
            head.gradients = load_packet_streaming(
                head_view(output_gradient, item, heads, head_dimension, output_gradient_stride), column);
            head.values = load_packet_streaming(head_view(x, item, heads, head_dimension, x_stride), column);
            head.rstd = load(GlobalView<const float>{rstd, items}, item);
        }
    };

    // The next head is on its way while one is worked on.
    Head next;
    load_head(next, blockIdx.x * groups + group);
    for (unsigned int first = blockIdx.x * groups; first < items; first += gridDim.x * groups) {
        const unsigned int item = first + group;
        const Head head = next;
        load_head(next, item + gridDim.x * groups);

        // dy * x and dy * w are exact in fp32, whose 24 bits hold a product of two 8-bit significands.
        float dot = 0.0f;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const float low = low_bfloat16(head.gradients.words[i]) * low_bfloat16(head.values.words[i]);
            const float high = high_bfloat16(head.gradients.words[i]) * high_bfloat16(head.values.words[i]);
            weight_gradients[2 * i] = fmaf(low, head.rstd, weight_gradients[2 * i]);
            weight_gradients[2 * i + 1] = fmaf(high, head.rstd, weight_gradients[2 * i + 1]);
            dot = fmaf(low, low_bfloat16(scale.words[i]), dot);
            dot = fmaf(high, high_bfloat16(scale.words[i]), dot);
        }

        // n * mean(g * n) = x * (rstd^2 * sum(g * x) / head_dimension)
        dot = warp_group_sum(dot, lanes);
        const float projection = head.rstd * head.rstd * (dot / static_cast<float>(head_dimension));
        if (item < items && column < head_dimension) {
            Packet result;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const float low = low_bfloat16(head.gradients.words[i]) * low_bfloat16(scale.words[i]);
                const float high = high_bfloat16(head.gradients.words[i]) * high_bfloat16(scale.words[i]);
                result.words[i] = to_bfloat16_pair(
                    head.rstd * fmaf(-projection, low_bfloat16(head.values.words[i]), low),
                    head.rstd * fmaf(-projection, high_bfloat16(head.values.words[i]), high));
            }
            store_packet(head_view(x_gradient, item, heads, head_dimension, x_gradient_stride), column, result);
        }
    }

    // One row of shared memory a group: `lanes` packets of 8 sums, of which the first head_dimension count.
    const int row_length = lanes * bfloat16_per_packet;
    const SharedView<float> group_sums = shared_memory<float>(0, backward_block * bfloat16_per_packet);
    const int own = group * row_length + column;
    store_packet(group_sums, own, to_packet(weight_gradients));
    store_packet(group_sums, own + floats_per_packet, to_packet(weight_gradients + floats_per_packet));
    __syncthreads();

    const int own_column = threadIdx.x;
    if (own_column < head_dimension) {
        float sum = 0.0f;
        for (int g = 0; g < groups; g++) sum += load(group_sums, g * row_length + own_column);
        const long long block = blockIdx.x;
        store(GlobalView<float>{partials + block * head_dimension, head_dimension}, own_column, sum);
    }
}
