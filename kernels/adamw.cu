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
// adamw reads length * (2 + 2 * SPLIT_MASTER + 3 * (4 - 2 * REDUCED_STATE)) bytes once, ceil(length / 8) * 8 from the caches,
// and writes length * (2 + 2 * SPLIT_MASTER + 2 * (4 - 2 * REDUCED_STATE)).
// Of an element exact moves 28 bytes, lean 18, tiny 14.
// Specialised by: SPLIT_MASTER, REDUCED_STATE: exact is (1, 0), lean (1, 1), tiny (0, 1).
#include "float_packet.cuh"
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

/// Eight elements of a tensor as they are in memory.
template <typename T>
struct Elements {
    static constexpr int per_packet = sizeof(Packet) / sizeof(T);
    Packet packets[elements_per_thread / per_packet];
};

template <typename T>
__device__ __forceinline__ void load_elements(GlobalView<const T> view, long long index, Elements<T>& elements) {
#pragma unroll
    for (int i = 0; i < elements_per_thread; i += elements.per_packet) {
        elements.packets[i / elements.per_packet] = load_packet_streaming(view, index + i);
    }
}

/// Those that there are, and zeros.
template <typename T>
__device__ __forceinline__ void load_last_elements(GlobalView<const T> view, Place place, Elements<T>& elements) {
    elements = {};
#pragma unroll
    for (int i = 0; i < elements_per_thread; i++) {
        constexpr int words = 4;
        const int word = i * words / elements.per_packet;
        if (i < place.count) {
            const T value = load_streaming(view, place.index + i);
            unsigned int bits;
            if constexpr (sizeof(T) == sizeof(float)) {
                bits = __builtin_bit_cast(unsigned int, value);
            } else {
                bits = static_cast<unsigned int>(value) << (i % 2 * 16);
            }
            elements.packets[word / words].words[word % words] |= bits;
        }
    }
}

__device__ __forceinline__ float element(const Elements<float>& elements, int i) { return float_of(elements.packets[i / 4], i % 4); }

__device__ __forceinline__ float element(const Elements<bfloat16>& elements, int i) {
    const unsigned int pair = elements.packets[0].words[i / 2];
    return i % 2 == 0 ? low_bfloat16(pair) : high_bfloat16(pair);
}

template <typename T>
__device__ __forceinline__ void store_elements(GlobalView<T> view, Place place, const Elements<T>& elements) {
    if (place.count == elements_per_thread) {
#pragma unroll
        for (int i = 0; i < elements_per_thread; i += elements.per_packet) {
            store_packet(view, place.index + i, elements.packets[i / elements.per_packet]);
        }
    } else {
#pragma unroll
        for (int i = 0; i < elements_per_thread; i++) {
            if (i < place.count) {
                const float value = element(elements, i);
                if constexpr (sizeof(T) == sizeof(float)) {
                    store(view, place.index + i, value);
                } else {
                    store(view, place.index + i, static_cast<T>(__builtin_bit_cast(unsigned int, value) >> 16));
                }
            }
        }
    }
}

__device__ __forceinline__ Elements<float> to_elements(const float (&values)[8]) { return {{to_packet(values), to_packet(values + 4)}}; }

extern "C" __global__ void __launch_bounds__(threads) adamw(
    bfloat16* parameters, bfloat16* low, const State* gradients, State* first_moment, State* second_moment,
    const float* norm_and_clip, long long length, Coefficients c, unsigned long long seed, unsigned int step,
    long long arena_offset) {
    const long long index = (static_cast<long long>(blockIdx.x) * threads + threadIdx.x) * elements_per_thread;
    if (index >= length) return;
    const long long rest = length - index;
    const Place place{index, rest < elements_per_thread ? static_cast<int>(rest) : elements_per_thread};

    // One branch for all: where each tensor had its own, a load would wait for the one before it.
    Elements<bfloat16> high;
    Elements<bfloat16> lower;
    Elements<State> gradient;
    Elements<State> first;
    Elements<State> second;
    if (place.count == elements_per_thread) {
        load_elements({parameters, length}, index, high);
        if (SPLIT_MASTER) load_elements({low, length}, index, lower);
        load_elements({gradients, length}, index, gradient);
        load_elements({first_moment, length}, index, first);
        load_elements({second_moment, length}, index, second);
    } else {
        load_last_elements({parameters, length}, place, high);
        if (SPLIT_MASTER) load_last_elements({low, length}, place, lower);
        load_last_elements({gradients, length}, place, gradient);
        load_last_elements({first_moment, length}, place, first);
        load_last_elements({second_moment, length}, place, second);
    }

    const GlobalView<const float> clipping{norm_and_clip, 2};
    const float norm = load(clipping, 0);
    const float clip = load(clipping, 1);
    if (!(norm <= largest_float)) return;

    float m[8], v[8], p[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        unsigned int bits = __builtin_bit_cast(unsigned int, element(high, i));
#if SPLIT_MASTER
        // low is signed: it is added with its sign.
        bits += static_cast<unsigned int>(static_cast<int>(__builtin_bit_cast(unsigned int, element(lower, i))) >> 16);
#endif
        const float g = element(gradient, i) * clip;
        m[i] = fmaf(c.beta1, element(first, i), c.one_minus_beta1 * g);
        v[i] = fmaf(c.beta2, element(second, i), c.one_minus_beta2 * g * g);
        const float denominator = sqrtf(v[i]) / c.correction + c.epsilon;
        p[i] = fmaf(-c.step_size, m[i] / denominator, __builtin_bit_cast(float, bits) * c.decay);
    }

#if SPLIT_MASTER
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const unsigned int bits[2] = {__builtin_bit_cast(unsigned int, p[2 * i]), __builtin_bit_cast(unsigned int, p[2 * i + 1])};
        high.packets[0].words[i] = (bits[0] + 0x8000u) >> 16 | (bits[1] + 0x8000u & 0xFFFF0000u);
        lower.packets[0].words[i] = (bits[0] & 0xFFFFu) | bits[1] << 16;
    }
    store_elements({parameters, length}, place, high);
    store_elements({low, length}, place, lower);
#endif

#if REDUCED_STATE
    const unsigned long long group = static_cast<unsigned long long>(arena_offset + index) / elements_per_thread;
#if !SPLIT_MASTER
    high.packets[0] = round_stochastically(p, philox(seed, group, parameter_stream << 32 | step));
    store_elements({parameters, length}, place, high);
#endif
    first.packets[0] = round_stochastically(m, philox(seed, group, first_moment_stream << 32 | step));
    second.packets[0] = round_stochastically(v, philox(seed, group, second_moment_stream << 32 | step));
    store_elements({first_moment, length}, place, first);
    store_elements({second_moment, length}, place, second);
#else
    store_elements({first_moment, length}, place, to_elements(m));
    store_elements({second_moment, length}, place, to_elements(v));
#endif
}
