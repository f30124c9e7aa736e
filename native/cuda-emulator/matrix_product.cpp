#include "matrix_product.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>

namespace emulator {
namespace {

// A tile of D fills the vector registers: rows in two vectors, columns as many as leave room for the operands.
#ifdef __AVX512F__
constexpr int vector_length = 16;
constexpr int tile_columns = 12;
#else
constexpr int vector_length = 8;
constexpr int tile_columns = 6;
#endif
constexpr int tile_rows = 2 * vector_length;
constexpr std::int64_t cached_bytes = 256 << 10;  // of A's panels, gone through once a panel of B: they stay in the L2 cache

using Vector [[gnu::vector_size(vector_length * sizeof(float))]] = float;

struct Tile {
    alignas(64) float values[tile_columns][tile_rows];
};

struct Free {
    void operator()(float* memory) const { std::free(memory); }
};

using Floats = std::unique_ptr<float, Free>;

std::int64_t panels(std::int64_t extent, int width) { return (extent + width - 1) / width; }

float widen(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

/// To nearest, ties to even; NaN stays NaN.
std::uint16_t narrow(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (value != value) return static_cast<std::uint16_t>((bits >> 16) | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

/// An operand as fp32 in panels of `width` rows (of A; columns of B): element (l, i) of a panel at l * width + i. What a
/// last panel lacks is zero.
Floats pack(const std::uint16_t* data, std::int64_t leading_dimension, bool k_is_contiguous, std::int64_t extent, std::int64_t k, int width) {
    const auto bytes = static_cast<std::size_t>(panels(extent, width) * width * k) * sizeof(float);
    Floats packed(static_cast<float*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
    for (std::int64_t first = 0; first < extent; first += width) {
        auto* panel = packed.get() + first * k;
        const auto count = std::min<std::int64_t>(width, extent - first);
        for (std::int64_t l = 0; l < k; l++) {
            auto* row = panel + l * width;
            if (k_is_contiguous) {
                const auto* source = data + first * leading_dimension + l;
                for (std::int64_t i = 0; i < count; i++) row[i] = widen(source[i * leading_dimension]);
            } else {
                const auto* source = data + l * leading_dimension + first;
                for (std::int64_t i = 0; i < count; i++) row[i] = widen(source[i]);
            }
            std::fill(row + count, row + width, 0.0f);
        }
    }
    return packed;
}

/// The sum over `k` steps of one tile.
void sum_tile(std::int64_t k, const float* __restrict a, const float* __restrict b, Tile& tile) {
    Vector low[tile_columns] = {}, high[tile_columns] = {};
    for (std::int64_t l = 0; l < k; l++) {
        const auto a_low = *reinterpret_cast<const Vector*>(a);
        const auto a_high = *reinterpret_cast<const Vector*>(a + vector_length);
#pragma GCC unroll 12
        for (int j = 0; j < tile_columns; j++) {
            low[j] += a_low * b[j];
            high[j] += a_high * b[j];
        }
        a += tile_rows;
        b += tile_columns;
    }
#pragma GCC unroll 12
    for (int j = 0; j < tile_columns; j++) {
        *reinterpret_cast<Vector*>(tile.values[j]) = low[j];
        *reinterpret_cast<Vector*>(tile.values[j] + vector_length) = high[j];
    }
}

/// The sums of the parts into which k is cut, added one after the other.
void sum_parts(std::int64_t k, const float* a, const float* b, int parts, bool from_the_last, Tile& tile) {
    for (int step = 0; step < parts; step++) {
        const int part = from_the_last ? parts - 1 - step : step;
        const auto begin = k * part / parts, end = k * (part + 1) / parts;
        Tile sums;
        sum_tile(end - begin, a + begin * tile_rows, b + begin * tile_columns, step == 0 ? tile : sums);
        if (step == 0) continue;
        for (int j = 0; j < tile_columns; j++) {
            for (int i = 0; i < tile_rows; i++) tile.values[j][i] += sums.values[j][i];
        }
    }
}

template <typename Element>
void store_tile(const MatrixProduct& product, std::int64_t row, std::int64_t column, const Tile& tile) {
    const auto read = [](Element element) {
        if constexpr (sizeof(Element) == 2) return widen(element);
        else return element;
    };
    const auto rows = std::min<std::int64_t>(tile_rows, product.m - row);
    const auto columns = std::min<std::int64_t>(tile_columns, product.n - column);
    const auto* bias = static_cast<const Element*>(product.bias);
    for (std::int64_t j = 0; j < columns; j++) {
        auto* d = static_cast<Element*>(product.d) + (column + j) * product.d_leading_dimension + row;
        for (std::int64_t i = 0; i < rows; i++) {
            auto value = product.alpha * tile.values[j][i];
            if (product.beta != 0) value += product.beta * read(d[i]);
            if (bias != nullptr) value += read(bias[row + i]);
            if constexpr (sizeof(Element) == 2) d[i] = narrow(value);
            else d[i] = value;
        }
    }
}

}  // namespace

void multiply(const MatrixProduct& product) {
    static std::uint64_t calls = 0;
    const bool from_the_last = product.summation == Summation::three_parts_unordered && calls++ % 2 == 1;
    const int parts = 1 + static_cast<int>(product.summation);
    const auto k = product.k;
    const auto a = pack(product.a.data, product.a.leading_dimension, product.a.transposed, product.m, k, tile_rows);
    const auto b = pack(product.b.data, product.b.leading_dimension, !product.b.transposed, product.n, k, tile_columns);

    const auto panel_bytes = k * tile_rows * static_cast<std::int64_t>(sizeof(float));
    const auto block = std::max<std::int64_t>(1, cached_bytes / panel_bytes) * tile_rows;
    for (std::int64_t first = 0; first < product.m; first += block) {
        for (std::int64_t column = 0; column < product.n; column += tile_columns) {
            for (auto row = first; row < std::min(product.m, first + block); row += tile_rows) {
                Tile tile;
                sum_parts(k, a.get() + row * k, b.get() + column * k, parts, from_the_last, tile);
                if (product.d_is_bfloat16) store_tile<std::uint16_t>(product, row, column, tile);
                else store_tile<float>(product, row, column, tile);
            }
        }
    }
}

}  // namespace emulator
