// Draws a token from each row of fp32 logits z, which stay as they are: one block a row, and the token, the sum behind its
// log p and two logits come down. Everything that decides is a whole number (token_weight.cuh), so that the token is the
// one that the CPU draws from the same logits.
//
//   z'_j = z_j > 0 ? z_j / penalty : z_j * penalty for earlier tokens, z_j for others
//   w_j  = e^((z'_j - max z') * inverse_temperature), in units of 2^-44
//   kept: w_j >= the top_k-th largest, of those w_j >= the largest t with sum(w_i >= t) >= top_p * sum, and w_j >= min_weight
//   token = the first with sum over kept i <= token of w_i > random * sum over kept / 2^64; greedy: the first largest z'
//
// A weight as large as the least one that is kept is kept too. A row with NaN, +infinity or nothing finite gives token -1.
// logits: [rows, vocabulary] fp32, 16-byte aligned, rows `stride` elements apart, a multiple of 4; rows: [rows] of
// RowParameters, 16-byte aligned; earlier_tokens: [earlier] int32, distinct within a row; draws: [rows, 3] of 8 bytes: the
// units of sum_j e^(z_j - max z) where log p is kept and else 0, max z below z_token, the token.
// Grid: rows. Block: 1024. Shared memory: 16400 bytes, and with a penalty a bit a token.
// sample_token reads 0 bytes once, rows * (vocabulary * 4 * passes + last_segment * 4 + 1024 * 16 + 4) + earlier * 4 from
// the caches, and writes rows * 24.
// passes: 1 for the largest; 1 where log p is kept; 3 for top_k; 3 for top_p, and 1 for the mass that it is of, unless
// that is the sum for log p; 1 for what is kept, unless that is. Greedy: the first two, and no segment. The first pass finds
// the logits where the LM head left them, a later one its own row in L2: 608 KB of 151,936 logits, of 64 rows 39 MB, by one
// SM a row.
// Specialised by: nothing.
#include "float_packet.cuh"
#include "reduction.cuh"
#include "token_weight.cuh"

using whole = unsigned long long;

constexpr int threads = 1024;
constexpr int warps = threads / warp_size;
constexpr int packets_in_flight = 2;
constexpr int sweep = warp_size * floats_per_packet;  // tokens that a warp takes at once
constexpr int digit_bits = 10;                        // of a weight's bits in one pass of the selection: `threads` bins
constexpr int top_shift = 20;                         // bits above least_bits are below 2^29
constexpr unsigned int largest_finite = 0xFF7FFFFFu;   // as ordered_bits has it
constexpr unsigned int negative_infinity_bits = 0x007FFFFFu;

struct __align__(16) RowParameters {
    whole random;
    int earlier_begin;
    int earlier_count;
};

/// How tokens are drawn. The layout of the launcher's SamplingParameters.
struct Parameters {
    double top_p;
    int top_k;  // 0: all
    float min_weight;
    float inverse_temperature;
    float penalty;
    int penalizes;
    int is_greedy;
    int keeps_log_probability;
    int segment_length;  // a multiple of 128; 1024 of them hold the vocabulary
};

/// The block's shared memory.
struct Shared {
    SharedView<whole> sums = shared_memory<whole>(0, threads);
    SharedView<unsigned int> low = shared_memory<unsigned int>(threads * 8, threads);
    SharedView<unsigned int> high = shared_memory<unsigned int>(threads * 12, threads);
    SharedView<whole> found = shared_memory<whole>(threads * 16, 2);
    SharedView<unsigned int> earlier;
};

/// A row's logits, with the penalty where it has one.
struct Row {
    GlobalView<const float> logits;
    SharedView<unsigned int> earlier;  // a bit a token; empty: no penalty
    float penalty;
    float largest;
    float inverse_temperature;

    __device__ __forceinline__ float adjusted(int token, float logit) const {
        if (earlier.length == 0 || (load(earlier, token / 32) >> token % 32 & 1) == 0) return logit;
        return logit > 0.0f ? logit / penalty : logit * penalty;
    }

    __device__ __forceinline__ float weight(int token, float logit) const {
        return weight_of(adjusted(token, logit), largest, inverse_temperature);
    }
};

/// Bits whose order is that of the numbers, -0 below 0, NaN above all.
__device__ __forceinline__ unsigned int ordered_bits(float value) {
    if (value != value) return 0xFFFFFFFFu;
    const unsigned int bits = __builtin_bit_cast(unsigned int, value);
    return bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ float of_ordered_bits(unsigned int bits) {
    return __builtin_bit_cast(float, bits >> 31 != 0 ? bits & 0x7FFFFFFFu : ~bits);
}

/// The packets from `begin`, `step` apart, below `end`, several loads in flight; then, of the row's last tokens that are
/// no packet, those of the thread that would have it.
template <typename Use>
__device__ __forceinline__ void for_each_logit(GlobalView<const float> logits, int begin, int step, int end, const Use& use) {
    const int length = static_cast<int>(logits.length);
    const int packets_end = length / floats_per_packet * floats_per_packet;
    const int whole_end = end < packets_end ? end : packets_end;
    int token = begin;
    for (; token < whole_end; token += packets_in_flight * step) {
        Packet packets[packets_in_flight];
#pragma unroll
        for (int i = 0; i < packets_in_flight; i++) {
            if (token + i * step < whole_end) packets[i] = load_packet(logits, token + i * step);
        }
#pragma unroll
        for (int i = 0; i < packets_in_flight; i++) {
            if (token + i * step >= whole_end) continue;
#pragma unroll
            for (int j = 0; j < floats_per_packet; j++) use(token + i * step + j, float_of(packets[i], j));
        }
    }
    const int rest_end = end < length ? end : length;
    if (whole_end < rest_end && (whole_end - begin) % step == 0 && begin <= whole_end) {
        for (token = whole_end; token < rest_end; token++) use(token, load(logits, token));
    }
}

/// The thread's share of all the row's logits.
template <typename Use>
__device__ __forceinline__ void for_each_logit(const Row& row, const Use& use) {
    for_each_logit(row.logits, static_cast<int>(threadIdx.x) * floats_per_packet, threads * floats_per_packet, static_cast<int>(row.logits.length), use);
}

/// The sum of the values of this thread and those before it, which `sums` then has for every thread.
__device__ __forceinline__ whole inclusive_sum(whole value, const Shared& shared) {
    const int thread = threadIdx.x;
    whole sum = value;
    store(shared.sums, thread, sum);
    for (int distance = 1; distance < threads; distance *= 2) {
        __syncthreads();
        const whole before = thread >= distance ? load(shared.sums, thread - distance) : 0;
        __syncthreads();
        sum += before;
        store(shared.sums, thread, sum);
    }
    __syncthreads();
    return sum;
}

struct Place {
    int index;
    whole before;
};

/// The first thread up to which the sum is at least `target`, which is not 0, else the last; and the sum before it.
__device__ __forceinline__ Place find(whole value, whole inclusive, whole target, const Shared& shared) {
    const int thread = threadIdx.x;
    const whole before = inclusive - value;
    if (before < target && (inclusive >= target || thread == threads - 1)) {
        store(shared.found, 0, static_cast<whole>(thread));
        store(shared.found, 1, before);
    }
    __syncthreads();
    return {static_cast<int>(load(shared.found, 0)), load(shared.found, 1)};
}

/// Adds to a bin of 64 bits by its halves: the sum of all is right, whoever comes first.
__device__ __forceinline__ void add_to_bin(const Shared& shared, int bin, whole amount) {
    const auto low = static_cast<unsigned int>(amount);
    const unsigned int before = atomic_add(shared.low, bin, low);
    const unsigned int up = static_cast<unsigned int>(amount >> 32) + (before + low < before ? 1u : 0u);
    if (up != 0) atomic_add(shared.high, bin, up);
}

/// The largest t for which the amounts of the tokens with weights at least t are together at least `target`, or, of all
/// tokens with a weight, the least one's or less: digit by digit of its bits. Only weights of at least `least` are counted.
template <typename Amount>
__device__ __forceinline__ float select(const Row& row, float least, whole target, const Shared& shared, const Amount& amount) {
    const int thread = threadIdx.x;
    unsigned int prefix = 0;
    whole above = 0;
    for (int shift = top_shift; shift >= 0; shift -= digit_bits) {
        store(shared.low, thread, 0u);
        store(shared.high, thread, 0u);
        __syncthreads();
        for_each_logit(row, [&](int token, float logit) {
            const float weight = row.weight(token, logit);
            if (weight == 0.0f || weight < least) return;
            const unsigned int key = __builtin_bit_cast(unsigned int, weight) - least_bits;
            if (key >> shift >> digit_bits != prefix) return;
            // The largest come first.
            add_to_bin(shared, threads - 1 - static_cast<int>(key >> shift & (threads - 1)), amount(weight));
        });
        __syncthreads();
        const whole value = static_cast<whole>(load(shared.high, thread)) << 32 | load(shared.low, thread);
        const Place place = find(value, inclusive_sum(value, shared), target - above, shared);
        above += place.before;
        prefix = prefix << digit_bits | static_cast<unsigned int>(threads - 1 - place.index);
    }
    return __builtin_bit_cast(float, prefix + least_bits);
}

/// The units of the weights of at least `least` in each segment, thread i's that of segment i.
__device__ __forceinline__ whole sum_segments(const Row& row, float least, int segment_length, const Shared& shared) {
    const int lane = threadIdx.x % warp_size;
    __syncthreads();
    for (int segment = threadIdx.x / warp_size; segment < threads; segment += warps) {
        whole units = 0;
        const long long begin = static_cast<long long>(segment) * segment_length;
        if (begin < row.logits.length) {
            const int first = static_cast<int>(begin);
            for_each_logit(row.logits, first + lane * floats_per_packet, sweep, first + segment_length, [&](int token, float logit) {
                const float weight = row.weight(token, logit);
                if (weight >= least) units += units_of(weight);
            });
            units = warp_reduce<WholeSum>(units);
        }
        if (lane == 0) store(shared.sums, segment, units);
    }
    __syncthreads();
    const whole value = load(shared.sums, threadIdx.x);
    __syncthreads();
    return value;
}

extern "C" __global__ void __launch_bounds__(threads) sample_token(
    const float* logits, int vocabulary, int stride, const RowParameters* rows, const int* earlier_tokens,
    Parameters parameters, whole* draws) {
    const int thread = threadIdx.x;
    const long long row_index = blockIdx.x;
    const auto own = __builtin_bit_cast(
        RowParameters, load_packet(GlobalView<const RowParameters>{rows, gridDim.x}, row_index));
    const GlobalView<whole> result = GlobalView<whole>{draws, 3ll * gridDim.x}.slice(3 * row_index, 3);
    const int mask_length = parameters.penalizes != 0 ? (vocabulary + 31) / 32 : 0;
    const Shared shared{.earlier = shared_memory<unsigned int>(threads * 16 + 16, mask_length)};
    Row raw{{logits + row_index * stride, vocabulary}, {nullptr, 0}, 1.0f, 0.0f, 1.0f};
    Row row{raw.logits, shared.earlier, parameters.penalty, 0.0f, parameters.inverse_temperature};

    if (parameters.penalizes != 0) {
        for (int i = thread; i < mask_length; i += threads) store(shared.earlier, i, 0u);
        __syncthreads();
        const GlobalView<const int> tokens{earlier_tokens + own.earlier_begin, own.earlier_count};
        for (int i = thread; i < own.earlier_count; i += threads) {
            const int token = load(tokens, i);
            atomic_or(shared.earlier, token / 32, 1u << token % 32);
        }
        __syncthreads();
    }

    unsigned int largest = 0;
    whole best = 0;
    for_each_logit(row, [&](int token, float logit) {
        const unsigned int bits = ordered_bits(logit);
        largest = bits > largest ? bits : largest;
        const whole candidate = static_cast<whole>(ordered_bits(row.adjusted(token, logit))) << 32 | ~static_cast<unsigned int>(token);
        best = candidate > best ? candidate : best;
    });
    best = block_reduce<WholeMaximum>(best, SharedView<whole>{shared.sums.data, warps});
    largest = static_cast<unsigned int>(block_reduce<WholeMaximum>(static_cast<whole>(largest), SharedView<whole>{shared.sums.data + warps, warps}));
    const auto largest_adjusted = static_cast<unsigned int>(best >> 32);
    if (largest <= negative_infinity_bits || largest > largest_finite ||
        largest_adjusted <= negative_infinity_bits || largest_adjusted > largest_finite) {
        if (thread == 0) store(result, 2, static_cast<whole>(0xFFFFFFFFu));
        if (thread < 2) store(result, thread, whole{0});
        return;
    }
    raw.largest = of_ordered_bits(largest);
    row.largest = of_ordered_bits(largest_adjusted);

    whole value = 0;
    whole inclusive = 0;
    whole total = 0;
    whole raw_sum = 0;
    const auto sum = [&](const Row& of, float least) {
        value = sum_segments(of, least, parameters.segment_length, shared);
        inclusive = inclusive_sum(value, shared);
        total = load(shared.sums, threads - 1);
    };
    if (parameters.keeps_log_probability != 0) {
        sum(raw, 0.0f);
        raw_sum = total;
    }

    int token = static_cast<int>(~static_cast<unsigned int>(best));
    if (parameters.is_greedy == 0) {
        // Whether `value`, `inclusive` and `total` are those of all of the row's own weights.
        bool is_summed = parameters.keeps_log_probability != 0 && parameters.penalizes == 0 && parameters.inverse_temperature == 1.0f;
        float least = 0.0f;
        if (parameters.top_k > 0) {
            least = select(row, 0.0f, static_cast<whole>(parameters.top_k), shared, [](float) { return whole{1}; });
            is_summed = false;
        }
        if (parameters.top_p < 1.0) {
            if (!is_summed) sum(row, least);
            const whole part = static_cast<whole>(ceil(parameters.top_p * static_cast<double>(total)));
            least = select(row, least, part < total ? part : total, shared, [](float weight) { return units_of(weight); });
            is_summed = false;
        }
        if (parameters.min_weight > 0.0f) {
            least = fmaxf(least, parameters.min_weight);
            is_summed = false;
        }
        if (!is_summed) sum(row, least);

        const whole target = __umul64hi(own.random, total) + 1;
        const Place segment = find(value, inclusive, target, shared);
        const int begin = segment.index * parameters.segment_length;
        value = 0;
        if (thread < parameters.segment_length && begin + thread < vocabulary) {
            const float weight = row.weight(begin + thread, load(row.logits, begin + thread));
            if (weight >= least) value = units_of(weight);
        }
        token = begin + find(value, inclusive_sum(value, shared), target - segment.before, shared).index;
    }

    if (thread != 0) return;
    const auto logit = __builtin_bit_cast(unsigned int, load(raw.logits, token));
    store(result, 0, raw_sum);
    store(result, 1, static_cast<whole>(logit) << 32 | __builtin_bit_cast(unsigned int, raw.largest));
    store(result, 2, static_cast<whole>(static_cast<unsigned int>(token)));
}
