// SwiGLU: the gate's silu times up, and its backward.
//
//   forward:  y[t,c] = bf16(silu(gate[t,c]) * up[t,c])                      silu(x) = x * sigma(x), sigma(x) = 1 / (1 + e^-x)
//   backward: dgate[t,c] = bf16(dy * up * sigma(gate) * (1 + gate * (1 - sigma(gate)))),  dup[t,c] = bf16(dy * silu(gate))
//
// backward can give forward's y again, by the same operations and so to the bit: then forward need not keep it.
// fp32 throughout, and one rounding: transformers rounds silu to bf16 first; this is nearer to the formula.
// gate_up, its gradient: [tokens, 2 * intermediate] bf16, gate then up; y, dy: [tokens, intermediate] bf16; rows 16-byte
// aligned, `…_stride` elements apart; intermediate a multiple of 8. The gradient may be gate_up itself, and y
// in backward dy: a thread reads a place before it writes it, and no other does.
// A thread takes 2 packets of each operand, all loads before the first store. Block: 256.
// Grid: ceil(tokens * intermediate / 8 / 256 / 2), with fewer than 2^31 packets.
// swiglu_forward reads tokens * intermediate * 2 * 2 bytes once and writes tokens * intermediate * 2.
// swiglu_backward reads tokens * intermediate * 2 * 3 bytes once and writes tokens * intermediate * 2 * (2 + y).
// Specialised by nothing.
#include "bfloat16.cuh"

constexpr int block = 256;
constexpr int packets_per_thread = 2;

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

__device__ __forceinline__ float swiglu(float gate, float up) { return gate * sigmoid(gate) * up; }

extern "C" __global__ void __launch_bounds__(block) swiglu_forward(
    const bfloat16* gate_up, bfloat16* output, int tokens, int intermediate, int gate_up_stride, int output_stride) {
    const unsigned int row_packets = intermediate / bfloat16_per_packet;
    Packet gates[packets_per_thread];
    Packet ups[packets_per_thread];
#pragma unroll
    for (int p = 0; p < packets_per_thread; p++) {
        const unsigned int index = (blockIdx.x * packets_per_thread + p) * block + threadIdx.x;
        const long long token = index / row_packets;
        const int column = index % row_packets * bfloat16_per_packet;
        if (token < tokens) {
            const GlobalView<const bfloat16> row{gate_up + token * gate_up_stride, 2 * intermediate};
            gates[p] = load_packet_streaming(row, column);
            ups[p] = load_packet_streaming(row, intermediate + column);
        }
    }

#pragma unroll
    for (int p = 0; p < packets_per_thread; p++) {
        const unsigned int index = (blockIdx.x * packets_per_thread + p) * block + threadIdx.x;
        const long long token = index / row_packets;
        const int column = index % row_packets * bfloat16_per_packet;
        if (token < tokens) {
            Packet result;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                result.words[i] = to_bfloat16_pair(
                    swiglu(low_bfloat16(gates[p].words[i]), low_bfloat16(ups[p].words[i])),
                    swiglu(high_bfloat16(gates[p].words[i]), high_bfloat16(ups[p].words[i])));
            }
            store_packet(GlobalView<bfloat16>{output + token * output_stride, intermediate}, column, result);
        }
    }
}

struct SwiGluGradient {
    float gate;
    float up;
};

__device__ __forceinline__ SwiGluGradient swiglu_gradient(float gradient, float gate, float up) {
    const float sigma = sigmoid(gate);
    return {gradient * up * (sigma * fmaf(gate, 1.0f - sigma, 1.0f)), gradient * (gate * sigma)};
}

extern "C" __global__ void __launch_bounds__(block) swiglu_backward(
    const bfloat16* output_gradient, const bfloat16* gate_up, bfloat16* gate_up_gradient, bfloat16* output, int tokens,
    int intermediate, int output_gradient_stride, int gate_up_stride, int gate_up_gradient_stride, int output_stride) {
    const unsigned int row_packets = intermediate / bfloat16_per_packet;
    Packet gates[packets_per_thread];
    Packet ups[packets_per_thread];
    Packet gradients[packets_per_thread];
#pragma unroll
    for (int p = 0; p < packets_per_thread; p++) {
        const unsigned int index = (blockIdx.x * packets_per_thread + p) * block + threadIdx.x;
        const long long token = index / row_packets;
        const int column = index % row_packets * bfloat16_per_packet;
        if (token < tokens) {
            const GlobalView<const bfloat16> gate_up_row{gate_up + token * gate_up_stride, 2 * intermediate};
            const GlobalView<const bfloat16> gradient_row{output_gradient + token * output_gradient_stride, intermediate};
            gates[p] = load_packet_streaming(gate_up_row, column);
            ups[p] = load_packet_streaming(gate_up_row, intermediate + column);
            gradients[p] = load_packet_streaming(gradient_row, column);
        }
    }

#pragma unroll
    for (int p = 0; p < packets_per_thread; p++) {
        const unsigned int index = (blockIdx.x * packets_per_thread + p) * block + threadIdx.x;
        const long long token = index / row_packets;
        const int column = index % row_packets * bfloat16_per_packet;
        if (token < tokens) {
            Packet gate_result;
            Packet up_result;
            Packet output_result;
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const SwiGluGradient low = swiglu_gradient(
                    low_bfloat16(gradients[p].words[i]), low_bfloat16(gates[p].words[i]), low_bfloat16(ups[p].words[i]));
                const SwiGluGradient high = swiglu_gradient(
                    high_bfloat16(gradients[p].words[i]), high_bfloat16(gates[p].words[i]), high_bfloat16(ups[p].words[i]));
                gate_result.words[i] = to_bfloat16_pair(low.gate, high.gate);
                up_result.words[i] = to_bfloat16_pair(low.up, high.up);
                output_result.words[i] = to_bfloat16_pair(
                    swiglu(low_bfloat16(gates[p].words[i]), low_bfloat16(ups[p].words[i])),
                    swiglu(high_bfloat16(gates[p].words[i]), high_bfloat16(ups[p].words[i])));
            }
            const GlobalView<bfloat16> result_row{gate_up_gradient + token * gate_up_gradient_stride, 2 * intermediate};
            store_packet(result_row, column, gate_result);
            store_packet(result_row, intermediate + column, up_result);
            if (output != nullptr) {
                store_packet(GlobalView<bfloat16>{output + token * output_stride, intermediate}, column, output_result);
            }
        }
    }
}
