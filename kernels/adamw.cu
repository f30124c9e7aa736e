// AdamW (Loshchilov and Hutter 2019) on a contiguous part of the parameter arena.
//
//   g = clip * gradient                               clip and the global norm are read on the device
//   m = beta1 * m + (1 - beta1) * g                   one fmaf
//   v = beta2 * v + (1 - beta2) * g * g               one fmaf
//   p = p * decay - step_size * (m / (sqrt(v) / correction + epsilon))       one fmaf; decay = 1 - lr * lambda,
//                                                     step_size = lr / (1 - beta1^t), correction = sqrt(1 - beta2^t)
//
// Where the norm is not finite nothing is written. The operations and their order are CpuBackend's, and sqrtf and / are
// IEEE's, so that "exact" is bit for bit an fp32 AdamW.
// SPLIT_MASTER = 1: p is the fp32 number of bits (parameters << 16) + low; written back parameters = (bits + 0x8000) >> 16
// and low = bits & 0xFFFF as int16: the pair is exact, and parameters is it rounded to nearest, ties away from zero.
// SPLIT_MASTER = 0: p is the bf16 parameter itself, rounded stochastically.
// REDUCED_STATE = 0: gradients, m, v fp32. REDUCED_STATE = 1: bf16, m and v rounded stochastically (the update takes them
// unrounded). The random bits are Philox(seed, index / 8, stream << 32 | step), a half word an element, where index counts
// in the arena and the stream is 1 for p, 2 for m, 3 for v.
//
// parameters: [length] bf16; low: [length] int16; gradients, m, v: [length] fp32 or bf16; norm_and_clip: [2] fp32. All
// 16-byte aligned, none overlapping another; arena_offset, the first element's index, is a multiple of 8.
// Grid: ceil(length / 8 / 256). Block: 256. A thread has eight elements, all its loads in flight at once.
// Reads and writes, bytes an element: exact 28 (16 + 12), lean 18 (10 + 8), tiny 14 (8 + 6); besides 8 a thread, from L2.
// Specialised by: SPLIT_MASTER, REDUCED_STATE: exact is (1, 0), lean (1, 1), tiny (0, 1).
#include "stochastic_rounding.cuh"

constexpr int threads = 256;
constexpr int elements_per_thread = 8;
constexpr float largest_float = 3.402823466e38f;

constexpr unsigned long long parameter_stream = 1;
constexpr unsigned long long first_moment_stream = 2;
constexpr unsigned long long second_moment_stream = 3;

#if REDUCED_STATE
using State = bfloat16;
#else
using State = float;
#endif

/// The layout of AdamWCoefficients.
struct Coefficients {
    float beta1, one_minus_beta1, beta2, one_minus_beta2, epsilon, decay, step_size, correction;
};

/// Where a thread's elements are: fewer than eight at the end of the arena's part.
struct Place {
    long long index;
    int count;
};

__device__ __forceinline__ void load_elements(GlobalView<const float> view, Place place, float (&values)[8]) {
    if (place.count == elements_per_thread) {
        const Packet packets[2] = {load_packet_streaming(view, place.index), load_packet_streaming(view, place.index + 4)};
#pragma unroll
        for (int i = 0; i < 8; i++) values[i] = __builtin_bit_cast(float, packets[i / 4].words[i % 4]);
    } else {
#pragma unroll
        for (int i = 0; i < 8; i++) values[i] = i < place.count ? load_streaming(view, place.index + i) : 0.0f;
    }
}

/// The bits of eight 16-bit numbers.
__device__ __forceinline__ void load_elements(GlobalView<const bfloat16> view, Place place, unsigned int (&bits)[8]) {
    if (place.count == elements_per_thread) {
        const Packet packet = load_packet_streaming(view, place.index);
#pragma unroll
        for (int i = 0; i < 8; i++) bits[i] = packet.words[i / 2] >> (i % 2 * 16) & 0xFFFFu;
    } else {
#pragma unroll
        for (int i = 0; i < 8; i++) bits[i] = i < place.count ? load_streaming(view, place.index + i) : 0u;
    }
}

__device__ __forceinline__ void load_elements(GlobalView<const bfloat16> view, Place place, float (&values)[8]) {
    unsigned int bits[8];
    load_elements(view, place, bits);
#pragma unroll
    for (int i = 0; i < 8; i++) values[i] = __builtin_bit_cast(float, bits[i] << 16);
}

__device__ __forceinline__ void store_elements(GlobalView<float> view, Place place, const float (&values)[8]) {
    if (place.count == elements_per_thread) {
        Packet packets[2];
#pragma unroll
        for (int i = 0; i < 8; i++) packets[i / 4].words[i % 4] = __builtin_bit_cast(unsigned int, values[i]);
        store_packet(view, place.index, packets[0]);
        store_packet(view, place.index + 4, packets[1]);
    } else {
#pragma unroll
        for (int i = 0; i < 8; i++) {
            if (i < place.count) store(view, place.index + i, values[i]);
        }
    }
}

/// Stores the lower halves.
__device__ __forceinline__ void store_elements(GlobalView<bfloat16> view, Place place, const unsigned int (&bits)[8]) {
    if (place.count == elements_per_thread) {
        Packet packet;
#pragma unroll
        for (int i = 0; i < 4; i++) packet.words[i] = (bits[2 * i] & 0xFFFFu) | bits[2 * i + 1] << 16;
        store_packet(view, place.index, packet);
    } else {
#pragma unroll
        for (int i = 0; i < 8; i++) {
            if (i < place.count) store(view, place.index + i, static_cast<bfloat16>(bits[i]));
        }
    }
}

__device__ __forceinline__ void store_rounded(
    GlobalView<bfloat16> view, Place place, const float (&values)[8], const RandomBits& random) {
    unsigned int bits[8];
#pragma unroll
    for (int i = 0; i < 8; i++) bits[i] = round_stochastically(values[i], random16(random, i));
    store_elements(view, place, bits);
}

extern "C" __global__ void __launch_bounds__(threads) adamw(
    bfloat16* parameters, bfloat16* low, const State* gradients, State* first_moment, State* second_moment,
    const float* norm_and_clip, long long length, Coefficients c, unsigned long long seed, unsigned int step,
    long long arena_offset) {
    const GlobalView<const float> clipping{norm_and_clip, 2};
    const float norm = load(clipping, 0);
    const float clip = load(clipping, 1);
    if (!(norm <= largest_float)) return;
    const long long index = (static_cast<long long>(blockIdx.x) * threads + threadIdx.x) * elements_per_thread;
    if (index >= length) return;
    const long long rest = length - index;
    const Place place{index, rest < elements_per_thread ? static_cast<int>(rest) : elements_per_thread};

    float g[8], m[8], v[8], p[8];
    unsigned int high_bits[8];
    load_elements(GlobalView<const bfloat16>{parameters, length}, place, high_bits);
#if SPLIT_MASTER
    unsigned int low_bits[8];
    load_elements(GlobalView<const bfloat16>{low, length}, place, low_bits);
#endif
    load_elements(GlobalView<const State>{gradients, length}, place, g);
    load_elements(GlobalView<const State>{first_moment, length}, place, m);
    load_elements(GlobalView<const State>{second_moment, length}, place, v);

#pragma unroll
    for (int i = 0; i < 8; i++) {
        unsigned int bits = high_bits[i] << 16;
#if SPLIT_MASTER
        // low is signed: it is added with its sign.
        bits += static_cast<unsigned int>(static_cast<int>(static_cast<short>(low_bits[i])));
#endif
        const float gradient = g[i] * clip;
        m[i] = fmaf(c.beta1, m[i], c.one_minus_beta1 * gradient);
        v[i] = fmaf(c.beta2, v[i], c.one_minus_beta2 * gradient * gradient);
        const float denominator = sqrtf(v[i]) / c.correction + c.epsilon;
        p[i] = fmaf(-c.step_size, m[i] / denominator, __builtin_bit_cast(float, bits) * c.decay);
    }

#if SPLIT_MASTER
#pragma unroll
    for (int i = 0; i < 8; i++) {
        low_bits[i] = __builtin_bit_cast(unsigned int, p[i]);
        high_bits[i] = (low_bits[i] + 0x8000u) >> 16;
    }
    store_elements(GlobalView<bfloat16>{parameters, length}, place, high_bits);
    store_elements(GlobalView<bfloat16>{low, length}, place, low_bits);
#endif

#if REDUCED_STATE
    const unsigned long long group = static_cast<unsigned long long>(arena_offset + index) / elements_per_thread;
#if !SPLIT_MASTER
    store_rounded(GlobalView<bfloat16>{parameters, length}, place, p, philox(seed, group, parameter_stream << 32 | step));
#endif
    store_rounded(
        GlobalView<bfloat16>{first_moment, length}, place, m, philox(seed, group, first_moment_stream << 32 | step));
    store_rounded(
        GlobalView<bfloat16>{second_moment, length}, place, v, philox(seed, group, second_moment_stream << 32 | step));
#else
    store_elements(GlobalView<float>{first_moment, length}, place, m);
    store_elements(GlobalView<float>{second_moment, length}, place, v);
#endif
}
