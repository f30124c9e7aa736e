// Each wrapper of a PTX instruction, run by one warp on numbers whose results the PTX manual fixes. `doctor --selftest`
// runs them on a GPU, the tests on the emulator, whose C++ twins so meet the same numbers as the hardware.
//
// Every kernel takes `input` and `output`, words of 32 bits [input_length] and [output_length], aligned to 16 bytes and
// apart from each other. What the words are is said at each kernel.
// Grid: 1 block. Block: 32 threads, one warp. Shared memory: as said at each kernel.
// Reads every input word at most once (streaming_loads: four times) and writes every output word: 4 bytes each.
// Specialised by nothing.
#include "approximate_math.cuh"
#include "async_copy.cuh"
#include "mma.cuh"

/// Words of a problem of multiply_accumulate that a lane brings: A's four registers, B's two, C's four.
constexpr int mma_input_words = 10;

/// Problems of [32 lanes, 10] words in, [32 lanes, 4] out.
extern "C" __global__ void __launch_bounds__(32)
self_test_multiply_accumulate(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    for (int problem = 0; problem < input_length / (warp_size * mma_input_words); problem++) {
        const int place = problem * warp_size + static_cast<int>(threadIdx.x);
        unsigned int words[mma_input_words];
        for (int i = 0; i < mma_input_words; i++) words[i] = load(source, place * mma_input_words + i);
        const unsigned int a[4] = {words[0], words[1], words[2], words[3]};
        float c[4];
        for (int i = 0; i < 4; i++) c[i] = __builtin_bit_cast(float, words[6 + i]);
        multiply_accumulate(c, a, words[4], words[5]);
        for (int i = 0; i < 4; i++) store(destination, place * 4 + i, __builtin_bit_cast(unsigned int, c[i]));
    }
}

/// In: for each lane the element of shared memory where its row begins, then shared memory's words. Out: [32 lanes, 4]
/// fragments, then as many of the transposed load. Shared memory: the words.
extern "C" __global__ void __launch_bounds__(32)
self_test_load_matrices(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    const int lane = threadIdx.x;
    const int words = input_length - warp_size;
    const SharedView<unsigned int> shared_words = shared_memory<unsigned int>(0, words);
    for (int i = lane; i < words; i += warp_size) store(shared_words, i, load(source, warp_size + i));
    __syncthreads();
    const SharedView<bfloat16> shared = shared_memory<bfloat16>(0, 2 * words);
    const int row = static_cast<int>(load(source, lane));
    unsigned int fragments[4];
    load_matrices<false>(fragments, shared, row);
    for (int i = 0; i < 4; i++) store(destination, lane * 4 + i, fragments[i]);
    load_matrices<true>(fragments, shared, row);
    for (int i = 0; i < 4; i++) store(destination, (warp_size + lane) * 4 + i, fragments[i]);
}

/// In: two words a lane, [2, 32], where its packets of the first and of the second group begin, -1 for a packet that does
/// not exist; then the packets' words. Out: [2, 32 lanes, 4]. Shared memory: as much as the output.
extern "C" __global__ void __launch_bounds__(32)
self_test_copy_packet_async(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, output_length);
    const int lane = threadIdx.x;
    for (int i = lane; i < output_length; i += warp_size) store(shared, i, 0xFFFFFFFFu);
    __syncthreads();
    // A packet that does not exist has a source where there is nothing.
    constexpr long long nowhere = 1ll << 40;
    for (int group = 0; group < 2; group++) {
        const int begin = static_cast<int>(load(source, group * warp_size + lane));
        copy_packet_async(shared, (group * warp_size + lane) * 4, source, begin < 0 ? nowhere : begin, begin >= 0);
        commit_async_copies();
    }
    wait_for_async_copies<1>();
    store_packet(destination, lane * 4, load_packet(shared, lane * 4));
    wait_for_async_copies<0>();
    store_packet(destination, (warp_size + lane) * 4, load_packet(shared, (warp_size + lane) * 4));
}

/// In: for each lane where its element is, -1 for one that does not exist; then the elements. Out: [32]. Shared memory:
/// as much as the output.
extern "C" __global__ void __launch_bounds__(32)
self_test_copy_element_async(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    const SharedView<unsigned int> shared = shared_memory<unsigned int>(0, output_length);
    const int lane = threadIdx.x;
    store(shared, lane, 0xFFFFFFFFu);
    __syncthreads();  // PTX orders no store before a copy to the same word
    constexpr long long nowhere = 1ll << 40;
    const int place = static_cast<int>(load(source, lane));
    copy_element_async(shared, lane, source, place < 0 ? nowhere : place, place >= 0);
    commit_async_copies();
    wait_for_async_copies<0>();
    store(destination, lane, load(shared, lane));
}

/// In and out: [n, 32] fp32.
extern "C" __global__ void __launch_bounds__(32)
self_test_exp2_approximate(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    for (int i = threadIdx.x; i < output_length; i += warp_size) {
        const float x = __builtin_bit_cast(float, load(source, i));
        store(destination, i, __builtin_bit_cast(unsigned int, exp2_approximate(x)));
    }
}

/// In: [n, 2] fp32, the lower number first. Out: [n] pairs.
extern "C" __global__ void __launch_bounds__(32)
self_test_to_bfloat16_pair(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    for (int i = threadIdx.x; i < output_length; i += warp_size) {
        const float low = __builtin_bit_cast(float, load(source, 2 * i));
        const float high = __builtin_bit_cast(float, load(source, 2 * i + 1));
        store(destination, i, to_bfloat16_pair(low, high));
    }
}

/// In: [n, 32] fp32, a number a lane. Out: [13, n, 32]: sum and maximum of the warp, maximum of 4 lanes, sums of 4, 8 and 16
/// lanes, by warp_group_sum the sums of 1, 2, 4, 8, 16 and 32 lanes, and 1 where any lane's number is above 64, else 0.
extern "C" __global__ void __launch_bounds__(32)
self_test_warp_reductions(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> source{input, input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    for (int place = threadIdx.x; place < input_length; place += warp_size) {
        const float value = __builtin_bit_cast(float, load(source, place));
        store(destination, place, __builtin_bit_cast(unsigned int, warp_sum(value)));
        store(destination, input_length + place, __builtin_bit_cast(unsigned int, warp_max(value)));
        store(destination, 2 * input_length + place, __builtin_bit_cast(unsigned int, warp_reduce<Maximum, 4>(value)));
        store(destination, 3 * input_length + place, __builtin_bit_cast(unsigned int, warp_reduce<Sum, 4>(value)));
        store(destination, 4 * input_length + place, __builtin_bit_cast(unsigned int, warp_reduce<Sum, 8>(value)));
        store(destination, 5 * input_length + place, __builtin_bit_cast(unsigned int, warp_reduce<Sum, 16>(value)));
        for (int i = 0; i < 6; i++) {
            const float sum = warp_group_sum(value, 1 << i);
            store(destination, (6 + i) * input_length + place, __builtin_bit_cast(unsigned int, sum));
        }
        store(destination, 12 * input_length + place, warp_any(value > 64.0f) ? 1u : 0u);
    }
}

/// In: [32, 4]. Out: four times the same, loaded 16, 8, 4 and 2 bytes at once.
extern "C" __global__ void __launch_bounds__(32)
self_test_streaming_loads(const unsigned int* input, unsigned int* output, int input_length, int output_length) {
    const GlobalView<const unsigned int> words{input, input_length};
    const GlobalView<const unsigned long long> doubles{reinterpret_cast<const unsigned long long*>(input), input_length / 2};
    const GlobalView<const unsigned short> halves{reinterpret_cast<const unsigned short*>(input), 2 * input_length};
    const GlobalView<unsigned int> destination{output, output_length};
    const int first = static_cast<int>(threadIdx.x) * 4;
    store_packet(destination, first, load_packet_streaming(words, first));
    for (int i = 0; i < 2; i++) {
        const unsigned long long value = load_streaming(doubles, first / 2 + i);
        store(destination, input_length + first + 2 * i, static_cast<unsigned int>(value));
        store(destination, input_length + first + 2 * i + 1, static_cast<unsigned int>(value >> 32));
    }
    for (int i = 0; i < 4; i++) {
        store(destination, 2 * input_length + first + i, load_streaming(words, first + i));
        const unsigned int low = load_streaming(halves, 2 * (first + i));
        const unsigned int high = load_streaming(halves, 2 * (first + i) + 1);
        store(destination, 3 * input_length + first + i, low | high << 16);
    }
}
