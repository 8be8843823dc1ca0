// Register tiles: the two inner loops that every convolution of this folder is made of.
//
//   multiply: acc[p][v] += sum over k of a[p][k] * b[k][v]        (fprop, dgrad: p pixels, v vectors of channels)
//   outer:    acc[i][v] += sum over p of a[p][i] * b[p][v]        (wgrad: i channels of one tensor, v vectors of the other)
//
// a and b are words of element.h: pitches and lengths count these. Up to kMostVectors vectors of channels wide; as many
// rows as the register file then holds. Both call `between` after every kSteps steps, to fetch what comes next;
// multiply_blocks() does after every block.
#ifndef DENSENET4J_CPU_TILE_H
#define DENSENET4J_CPU_TILE_H

#include <algorithm>
#include <type_traits>
#include <utility>

#include "element.h"

namespace dn {

constexpr int kMostVectors = kRegisters < 32 ? 2 : 3;
constexpr int64_t kRun = 32;

// Where registers are few they are narrow too, and the same work takes four times as many steps.
constexpr int kSteps = kRegisters < 32 ? 4 : 1;

// Accumulators take what the file has beyond one row of b, one broadcast and a spare; fewer in the widest tile, whose
// epilogue is so short then that the processor begins the next tile's products during it.
constexpr int most_rows(int vectors) {
  int rows = (kRegisters - vectors - 2) / vectors;
  return rows > 16 ? 16 : rows > 6 && vectors == kMostVectors ? 6 : rows;
}

template <int rows, int columns>
struct Tile {
  static constexpr int kRows = rows;
  static constexpr int kVectors = columns;
  Vec acc[rows][columns];

  // All sums are zero.
  DN_INLINE Tile() {
#pragma GCC unroll 16
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 3
      for (int v = 0; v < columns; v++) acc[p][v] = zero();
  }

  template <class W, class Between>
  DN_INLINE void multiply(const W* a, int64_t a_pitch, const W* b, int64_t b_pitch, int64_t k, Between&& between) {
    accumulate(a, a_pitch, 1, b, b_pitch, k, between);
  }

  // multiply() of an operand in blocks of `row` words a row, `block` from one to the next. The compiler knows the pitch of
  // rows then, so that none of them needs a register for its address.
  template <int64_t row, class W, class Between>
  DN_INLINE void multiply_blocks(const W* a, int64_t block, const W* b, int64_t b_pitch, int64_t k, Between&& between) {
    for (int64_t i = 0; i < k; i += row, a += block, b += row * b_pitch) {
      accumulate(a, std::integral_constant<int64_t, row>{}, 1, b, b_pitch, std::min(k - i, row), [] {});
      between();
    }
  }

  template <class W, class Between>
  DN_INLINE void outer(const W* a, int64_t a_pitch, const W* b, int64_t b_pitch, int64_t pixels, Between&& between) {
    accumulate(a, 1, a_pitch, b, b_pitch, pixels, between);
  }

  DN_INLINE void load_from(const float* from, int64_t pitch) {
#pragma GCC unroll 16
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 3
      for (int v = 0; v < columns; v++) acc[p][v] = load(from + p * pitch + v * kLanes);
  }

  DN_INLINE void store_to(float* to, int64_t pitch) const {
#pragma GCC unroll 16
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 3
      for (int v = 0; v < columns; v++) store(to + p * pitch + v * kLanes, acc[p][v]);
  }

  DN_INLINE void add(const Tile& other) {
#pragma GCC unroll 16
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 3
      for (int v = 0; v < columns; v++) acc[p][v] = acc[p][v] + other.acc[p][v];
  }

  // The sum over k words of a tile that is still zero, for forward convolutions: part(tile, i, n) adds words [i, i + n). In
  // float32 their rounding error is what a network amplifies most, and it grows with the length of the sum: so it is cut
  // into runs that are added up afterwards. The rounding of bfloat16 operands outweighs that of any sum.
  template <class W, class Part>
  DN_INLINE void in_runs(int64_t k, const Part& part) {
    if constexpr (std::is_same_v<W, float>) {
      for (int64_t i = 0; i < k; i += kRun) {
        Tile run;
        part(run, i, std::min(k - i, kRun));
        if (i == 0) {
          *this = run;
        } else {
          add(run);
        }
      }
    } else {
      part(*this, 0, k);
    }
  }

  // Sums that are longer than one tile of pixels are added up here, tile by tile: that keeps their rounding error small.
  DN_INLINE void add_to(float* to, int64_t pitch) const {
#pragma GCC unroll 16
    for (int p = 0; p < rows; p++)
#pragma GCC unroll 3
      for (int v = 0; v < columns; v++) {
        float* at = to + p * pitch + v * kLanes;
        store(at, load(at) + acc[p][v]);
      }
  }

 private:
  // acc[p][v] += a[p * a_row + i * a_step] * b[i][v], over i. a_row may be a constant; one of a_row and a_step is 1.
  template <class W, class Row, class Between>
  DN_INLINE void accumulate(const W* a, Row a_row, int64_t a_step, const W* b, int64_t b_pitch, int64_t n,
                            Between&& between) {
    int64_t i = 0;
    for (; i + kSteps <= n; i += kSteps) {
#pragma GCC unroll 2
      for (int64_t j = i; j < i + kSteps; j++) add_product(a + j * a_step, a_row, b + j * b_pitch);
      between();
    }
    for (; i < n; i++) add_product(a + i * a_step, a_row, b + i * b_pitch);
  }

  // One step of accumulate().
  template <class W, class Row>
  DN_INLINE void add_product(const W* a, Row a_row, const W* b) {
    decltype(load(b)) row[columns];
#pragma GCC unroll 3
    for (int v = 0; v < columns; v++) row[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < rows; p++) {
      const auto x = broadcast(a[p * a_row]);
#pragma GCC unroll 3
      for (int v = 0; v < columns; v++) acc[p][v] = dot(x, row[v], acc[p][v]);
    }
  }
};

// What a tile is made by. Bodies take this instead of a tile: one that is passed by value is cleared and copied, which
// takes as long as a tenth of the products.
template <int rows, int columns>
struct TileShape {
  DN_INLINE Tile<rows, columns> tile() const { return {}; }
};

template <int columns, class Body, int... row>
DN_INLINE void with_rows(int64_t rows, Body&& body, std::integer_sequence<int, row...>) {
  (void)((rows == row + 1 ? (body(TileShape<row + 1, columns>()), true) : false) || ...);
}

template <int columns, class Body>
DN_INLINE void with_rows(int64_t rows, Body&& body) {
  with_rows<columns>(rows, body, std::make_integer_sequence<int, most_rows(columns)>{});
}

// body(width) with the width as a constant.
template <class Body>
DN_INLINE void with_width(int64_t width, Body&& body) {
  if (width == 3) {
    body(std::integral_constant<int, 3>{});
  } else if (width == 2) {
    body(std::integral_constant<int, 2>{});
  } else {
    body(std::integral_constant<int, 1>{});
  }
}

// Cuts vectors of channels into panels of nearly equal width that a tile can have: body(first vector, width).
template <class Body>
DN_INLINE void for_panels(int64_t vectors, Body&& body) {
  const int64_t panels = divide_up(vectors, kMostVectors);
  for (int64_t panel = 0; panel < panels; panel++) {
    const int64_t vector = vectors * panel / panels;
    body(vector, vectors * (panel + 1) / panels - vector);
  }
}

// Covers rows x (vectors of channels) with tiles of nearly equal size: body(shape, first row, first vector).
template <class Body>
void for_tiles(int64_t rows, int64_t vectors, Body&& body) {
  const int64_t widest = divide_up(vectors, divide_up(vectors, kMostVectors));
  const int64_t bands = divide_up(rows, most_rows(static_cast<int>(widest)));
  for (int64_t band = 0; band < bands; band++) {
    const int64_t row = rows * band / bands, height = rows * (band + 1) / bands - row;
    for_panels(vectors, [&](int64_t vector, int64_t width) {
      with_width(width, [&](auto columns) {
        with_rows<columns>(height, [&](auto shape) { body(shape, row, vector); });
      });
    });
  }
}

}  // namespace dn
#endif
