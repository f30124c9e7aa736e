// cuBLASLt, as far as DftNative.Cuda calls it: C names, values and structures of cublasLt.h 12.4, the arithmetic of
// matrix_product.hpp. It refuses what the real library refuses, and reports as a fault what there would be wrong numbers:
// operands outside live memory or never written, a result that overlaps an operand, a pointer less aligned than its
// heuristic was promised.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "library_interface.hpp"
#include "matrix_product.hpp"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulator {
namespace {

enum Status {
    succeeded = 0,
    not_initialized = 1,
    invalid_value = 7,
    execution_failed = 13,
    not_supported = 15,
};

enum DataType { float32 = 0, bfloat16 = 14 };
enum DescriptorAttribute { transpose_a = 3, transpose_b = 4, epilogue_attribute = 7, bias_pointer = 8, bias_data_type = 26 };
enum PreferenceAttribute { maximum_workspace = 1, reduction_scheme_mask = 3, alignment_a = 5, alignment_d = 8 };
enum Epilogue : std::uint32_t { epilogue_default = 1, epilogue_bias = 4 };
enum ReductionScheme : std::uint32_t { reduce_in_place = 1, reduce_in_compute_type = 2, any_reduction = 7 };

constexpr std::size_t library_version = 120401;
constexpr std::size_t runtime_version = 12040;
constexpr int compute_float32 = 68;
constexpr std::int32_t operation_transpose = 1;
constexpr std::uint64_t workspace_alignment = 16;

struct Descriptor {
    std::int32_t transpose_a = 0, transpose_b = 0;
    std::uint32_t epilogue = epilogue_default;
    const void* bias = nullptr;
    std::int32_t bias_type = -1;  // D's
};

struct Layout {
    std::int32_t type;
    std::uint64_t rows, columns;
    std::int64_t leading_dimension;

    std::int64_t element_size() const { return type == bfloat16 ? 2 : 4; }
};

struct Preference {
    std::uint64_t workspace_size = 0;
    std::uint32_t reductions = any_reduction;
    std::array<std::uint32_t, 4> alignments = {256, 256, 256, 256};  // of A, B, C, D
};

struct Algorithm {
    std::uint64_t magic;
    std::uint64_t summation;
    std::uint64_t problem;  // a hash: an algorithm is for the problem that it was asked for
    std::uint64_t workspace_size;
    std::array<std::uint32_t, 4> alignments;
    std::uint64_t reserved[2];
};
static_assert(sizeof(Algorithm) == 64);

struct HeuristicResult {
    Algorithm algorithm;
    std::size_t workspace_size;
    std::int32_t state;
    float waves;
    std::int32_t reserved[4];
};
static_assert(sizeof(HeuristicResult) == 96);

constexpr std::uint64_t algorithm_magic = 0x4D4D45474C554D45;

std::atomic<std::int64_t> products, flops;

/// The objects that were made and not destroyed: a handle that is none is refused, as an opaque pointer could not be.
struct LiveObjects {
    std::mutex mutex;
    std::set<const void*> all;
};

LiveObjects& objects = *new LiveObjects;

template <typename Object>
int make(Object** handle, Object object) {
    if (handle == nullptr) return invalid_value;
    *handle = new Object(object);
    std::lock_guard lock(objects.mutex);
    objects.all.insert(*handle);
    return succeeded;
}

bool is_live(const void* handle) {
    std::lock_guard lock(objects.mutex);
    return objects.all.count(handle) != 0;
}

template <typename Object>
int destroy(Object* handle) {
    {
        std::lock_guard lock(objects.mutex);
        if (objects.all.erase(handle) == 0) return invalid_value;
    }
    delete handle;
    return succeeded;
}

template <typename Value>
int assign(Value& value, const void* source, std::size_t size) {
    if (source == nullptr || size != sizeof value) return invalid_value;
    std::memcpy(&value, source, size);
    return succeeded;
}

struct Problem {
    Descriptor descriptor;
    Layout a, b, c, d;

    std::uint64_t k() const { return descriptor.transpose_a ? a.rows : a.columns; }

    int check() const {
        if (descriptor.transpose_a < 0 || descriptor.transpose_a > 1 || descriptor.transpose_b < 0 || descriptor.transpose_b > 1) return invalid_value;
        const auto a_rows = descriptor.transpose_a ? a.columns : a.rows;
        const auto b_rows = descriptor.transpose_b ? b.columns : b.rows;
        const auto b_columns = descriptor.transpose_b ? b.rows : b.columns;
        if (a_rows != d.rows || b_rows != k() || b_columns != d.columns || c.rows != d.rows || c.columns != d.columns) return invalid_value;
        for (const auto* layout : {&a, &b, &c, &d}) {
            if (layout->rows == 0 || layout->columns == 0 || layout->leading_dimension < static_cast<std::int64_t>(layout->rows)) return invalid_value;
        }
        if (a.type != bfloat16 || b.type != bfloat16 || c.type != d.type || (d.type != bfloat16 && d.type != float32)) return not_supported;
        if (descriptor.epilogue == epilogue_default) return succeeded;
        if (descriptor.epilogue != epilogue_bias) return not_supported;
        return descriptor.bias_type == -1 || descriptor.bias_type == d.type ? succeeded : not_supported;
    }

    /// FNV-1a over what an algorithm depends on.
    std::uint64_t hash() const {
        std::uint64_t value = 0xCBF29CE484222325;
        const auto add = [&value](std::uint64_t word) { value = (value ^ word) * 0x100000001B3; };
        add(descriptor.transpose_a), add(descriptor.transpose_b), add(descriptor.epilogue);
        for (const auto* layout : {&a, &b, &d}) add(layout->type), add(layout->rows), add(layout->columns), add(layout->leading_dimension);
        return value;
    }
};

bool read_problem(Problem& problem, const Descriptor* descriptor, const Layout* a, const Layout* b, const Layout* c, const Layout* d) {
    if (!is_live(descriptor) || !is_live(a) || !is_live(b) || !is_live(c) || !is_live(d)) return false;
    problem = {*descriptor, *a, *b, *c, *d};
    return true;
}

std::uint64_t workspace_of(Summation summation, const Problem& problem) {
    return summation == Summation::two_parts ? 2 * problem.d.rows * problem.d.columns * sizeof(float) : 0;
}

/// The algorithms that a preference allows, the first choice first. Where sums in the output itself are allowed they come
/// first, and their order changes from call to call: whoever forgets to exclude them is not repeatable.
std::vector<Summation> allowed(const Problem& problem, const Preference& preference) {
    std::vector<Summation> all;
    if ((preference.reductions & reduce_in_place) != 0) all.push_back(Summation::three_parts_unordered);
    all.push_back(Summation::sequential);
    if ((preference.reductions & reduce_in_compute_type) != 0 && workspace_of(Summation::two_parts, problem) <= preference.workspace_size) {
        all.push_back(Summation::two_parts);
    }
    return all;
}

HeuristicResult result_of(const Algorithm& algorithm) {
    HeuristicResult result{};
    result.algorithm = algorithm;
    result.workspace_size = algorithm.workspace_size;
    result.waves = 1;
    return result;
}

std::string describe(const Problem& problem) {
    return std::to_string(problem.d.rows) + " x " + std::to_string(problem.d.columns) + " x " + std::to_string(problem.k());
}

std::int64_t span(const Layout& layout) {
    return ((static_cast<std::int64_t>(layout.columns) - 1) * layout.leading_dimension + static_cast<std::int64_t>(layout.rows)) * layout.element_size();
}

/// Whether two column-major matrices share a byte. Those of one pitch may lie beside each other in the same rows.
bool overlap(const void* first, const Layout& first_layout, const void* second, const Layout& second_layout) {
    const auto begin = reinterpret_cast<std::intptr_t>(first), other = reinterpret_cast<std::intptr_t>(second);
    if (begin + span(first_layout) <= other || other + span(second_layout) <= begin) return false;
    const auto pitch = first_layout.leading_dimension * first_layout.element_size();
    if (pitch != second_layout.leading_dimension * second_layout.element_size()) return true;
    const auto shift = ((other - begin) % pitch + pitch) % pitch;
    const auto width = static_cast<std::int64_t>(first_layout.rows) * first_layout.element_size();
    const auto other_width = static_cast<std::int64_t>(second_layout.rows) * second_layout.element_size();
    return shift < width || shift + other_width > pitch;
}

std::string why_unreadable(const void* data, const Layout& layout) {
    const auto column_size = static_cast<std::size_t>(layout.rows) * layout.element_size();
    for (std::uint64_t column = 0; column < layout.columns; column++) {
        const auto* address = static_cast<const char*>(data) + static_cast<std::int64_t>(column) * layout.leading_dimension * layout.element_size();
        if (auto reason = emulator::why_unreadable(address, column_size); !reason.empty()) return "column " + std::to_string(column) + ": " + reason;
    }
    return {};
}

bool begin_write(void* data, const Layout& layout) {
    const auto column_size = static_cast<std::size_t>(layout.rows) * layout.element_size();
    for (std::uint64_t column = 0; column < layout.columns; column++) {
        auto* address = static_cast<char*>(data) + static_cast<std::int64_t>(column) * layout.leading_dimension * layout.element_size();
        if (!emulator::begin_write(address, column_size)) return false;
    }
    return true;
}

struct Call {
    Problem problem;
    const void* a;
    const void* b;
    void* d;
    void* workspace;
    float alpha, beta;
    Algorithm algorithm;

    /// What is wrong with the memory of the call; empty where nothing is.
    std::string fault() const {
        if (auto reason = why_unreadable(a, problem.a); !reason.empty()) return "A, " + reason;
        if (auto reason = why_unreadable(b, problem.b); !reason.empty()) return "B, " + reason;
        if (beta != 0) {
            if (auto reason = why_unreadable(d, problem.d); !reason.empty()) return "C, " + reason;
        }
        if (problem.descriptor.epilogue == epilogue_bias) {
            const auto size = problem.d.rows * static_cast<std::size_t>(problem.d.element_size());
            if (auto reason = emulator::why_unreadable(problem.descriptor.bias, size); !reason.empty()) return "bias: " + reason;
        }
        if (overlap(d, problem.d, a, problem.a) || overlap(d, problem.d, b, problem.b)) return "D overlaps A or B";
        if (algorithm.workspace_size != 0 && !emulator::begin_write(workspace, algorithm.workspace_size)) return "the workspace is outside any live allocation";
        return begin_write(d, problem.d) ? "" : "D is outside any live allocation";
    }

    void run() const {
        if (auto reason = fault(); !reason.empty()) {
            report_fault("cublasLtMatmul, " + describe(problem) + ": " + reason);
            return;
        }
        const auto operand = [](const void* data, const Layout& layout, std::int32_t transposed) {
            return ProductOperand{static_cast<const std::uint16_t*>(data), layout.leading_dimension, transposed != 0};
        };
        const bool has_bias = problem.descriptor.epilogue == epilogue_bias;
        multiply({
            static_cast<std::int64_t>(problem.d.rows), static_cast<std::int64_t>(problem.d.columns), static_cast<std::int64_t>(problem.k()),
            operand(a, problem.a, problem.descriptor.transpose_a), operand(b, problem.b, problem.descriptor.transpose_b),
            d, problem.d.leading_dimension, problem.d.type == bfloat16, has_bias ? problem.descriptor.bias : nullptr, alpha, beta,
            static_cast<Summation>(algorithm.summation)});
        products++;
        flops += static_cast<std::int64_t>(2 * problem.d.rows * problem.d.columns * problem.k());
    }
};

bool is_aligned(const void* address, std::uint64_t alignment) { return reinterpret_cast<std::uintptr_t>(address) % alignment == 0; }

}  // namespace

EXPORT std::size_t cublasLtGetVersion() { return library_version; }

EXPORT std::size_t cublasLtGetCudartVersion() { return runtime_version; }

EXPORT const char* cublasLtGetStatusName(int status) {
    switch (status) {
        case succeeded: return "CUBLAS_STATUS_SUCCESS";
        case not_initialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case invalid_value: return "CUBLAS_STATUS_INVALID_VALUE";
        case execution_failed: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case not_supported: return "CUBLAS_STATUS_NOT_SUPPORTED";
        default: return "CUBLAS_STATUS_UNKNOWN";
    }
}

EXPORT const char* cublasLtGetStatusString(int status) {
    switch (status) {
        case succeeded: return "success";
        case not_initialized: return "the library was not initialized";
        case invalid_value: return "an unsupported value or parameter was passed to the function";
        case execution_failed: return "the GPU program failed to execute";
        case not_supported: return "the functionality requested is not supported";
        default: return "unknown status";
    }
}

EXPORT int cublasLtCreate(int** handle) {
    if (context_status() != 0) return not_initialized;
    return make(handle, 0);
}

EXPORT int cublasLtDestroy(int* handle) { return destroy(handle); }

EXPORT int cublasLtMatmulDescCreate(Descriptor** descriptor, int compute_type, int scale_type) {
    if (compute_type != compute_float32 || scale_type != float32) return not_supported;
    return make(descriptor, Descriptor{});
}

EXPORT int cublasLtMatmulDescDestroy(Descriptor* descriptor) { return destroy(descriptor); }

EXPORT int cublasLtMatmulDescSetAttribute(Descriptor* descriptor, int attribute, const void* value, std::size_t size) {
    if (!is_live(descriptor)) return invalid_value;
    switch (attribute) {
        case transpose_a: return assign(descriptor->transpose_a, value, size);
        case transpose_b: return assign(descriptor->transpose_b, value, size);
        case epilogue_attribute: return assign(descriptor->epilogue, value, size);
        case bias_pointer: return assign(descriptor->bias, value, size);
        case bias_data_type: return assign(descriptor->bias_type, value, size);
        default: return invalid_value;
    }
}

EXPORT int cublasLtMatrixLayoutCreate(Layout** layout, int type, std::uint64_t rows, std::uint64_t columns, std::int64_t leading_dimension) {
    if (type != bfloat16 && type != float32) return not_supported;
    return make(layout, Layout{type, rows, columns, leading_dimension});
}

EXPORT int cublasLtMatrixLayoutDestroy(Layout* layout) { return destroy(layout); }

EXPORT int cublasLtMatmulPreferenceCreate(Preference** preference) { return make(preference, Preference{}); }

EXPORT int cublasLtMatmulPreferenceDestroy(Preference* preference) { return destroy(preference); }

EXPORT int cublasLtMatmulPreferenceSetAttribute(Preference* preference, int attribute, const void* value, std::size_t size) {
    if (!is_live(preference)) return invalid_value;
    if (attribute == maximum_workspace) return assign(preference->workspace_size, value, size);
    if (attribute == reduction_scheme_mask) return assign(preference->reductions, value, size);
    if (attribute >= alignment_a && attribute <= alignment_d) return assign(preference->alignments[attribute - alignment_a], value, size);
    return invalid_value;
}

EXPORT int cublasLtMatmulAlgoGetHeuristic(
    const int* handle, const Descriptor* descriptor, const Layout* a, const Layout* b, const Layout* c, const Layout* d,
    const Preference* preference, int requested, HeuristicResult* results, int* returned) {
    Problem problem;
    if (!is_live(handle) || !is_live(preference) || !read_problem(problem, descriptor, a, b, c, d)) return invalid_value;
    if (requested < 1 || results == nullptr || returned == nullptr) return invalid_value;
    *returned = 0;
    if (const int status = problem.check(); status != succeeded) return status;
    for (const auto summation : allowed(problem, *preference)) {
        if (*returned == requested) break;
        results[(*returned)++] = result_of(
            {algorithm_magic, static_cast<std::uint64_t>(summation), problem.hash(), workspace_of(summation, problem), preference->alignments, {}});
    }
    return succeeded;
}

EXPORT int cublasLtMatmulAlgoCheck(
    const int* handle, const Descriptor* descriptor, const Layout* a, const Layout* b, const Layout* c, const Layout* d,
    const Algorithm* algorithm, HeuristicResult* result) {
    Problem problem;
    if (!is_live(handle) || algorithm == nullptr || result == nullptr || !read_problem(problem, descriptor, a, b, c, d)) return invalid_value;
    if (const int status = problem.check(); status != succeeded) return status;
    if (algorithm->magic != algorithm_magic || algorithm->summation > static_cast<std::uint64_t>(Summation::three_parts_unordered)) return invalid_value;
    if (algorithm->problem != problem.hash()) return not_supported;
    *result = result_of(*algorithm);
    return succeeded;
}

EXPORT int cublasLtMatmul(
    const int* handle, const Descriptor* descriptor, const float* alpha, const void* a, const Layout* a_layout, const void* b,
    const Layout* b_layout, const float* beta, const void* c, const Layout* c_layout, void* d, const Layout* d_layout,
    const Algorithm* algorithm, void* workspace, std::size_t workspace_size, void* stream) {
    Call call{{}, a, b, d, workspace, 0, 0, {}};
    if (!is_live(handle) || !read_problem(call.problem, descriptor, a_layout, b_layout, c_layout, d_layout)) return invalid_value;
    if (alpha == nullptr || beta == nullptr || a == nullptr || b == nullptr || d == nullptr) return invalid_value;
    if (const int status = call.problem.check(); status != succeeded) return status;
    call.alpha = *alpha;
    call.beta = *beta;
    // The real library takes another C too; the look-alike knows what is used: none, or D itself.
    if (call.beta != 0 && (c != d || c_layout->leading_dimension != d_layout->leading_dimension)) return not_supported;
    if (call.problem.descriptor.epilogue == epilogue_bias && call.problem.descriptor.bias == nullptr) return invalid_value;
    // Without an algorithm the real library asks its heuristics at each call, and the plan is nobody's.
    if (algorithm == nullptr || algorithm->magic != algorithm_magic || algorithm->problem != call.problem.hash()) return invalid_value;
    call.algorithm = *algorithm;
    if (workspace_size < algorithm->workspace_size || !is_aligned(workspace, workspace_alignment)) return invalid_value;
    const void* const pointers[] = {a, b, d, d};
    for (int index = 0; index < 4; index++) {
        if (!is_aligned(pointers[index], algorithm->alignments[index])) return invalid_value;
    }
    return enqueue_library_work(stream, [call] { call.run(); }) == 0 ? succeeded : execution_failed;
}

/// How many products ran, and their floating-point operations, since the last reset.
EXPORT void dftnative_emulator_matrix_products(std::int64_t* product_count, std::int64_t* flop_count) {
    *product_count = products;
    *flop_count = flops;
}

EXPORT void dftnative_emulator_reset_matrix_products() { products = flops = 0; }

}  // namespace emulator
