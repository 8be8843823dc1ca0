// Register tiles: the two inner loops that every convolution of this folder is made of.
//
//   multiply: acc[p][v] += sum over k of a[p][k] * b[k][v]        (fprop, dgrad: p pixels, v vectors of channels)
//   outer:    acc[i][v] += sum over p of a[p][i] * b[p][v]        (wgrad: i channels of one tensor, v vectors of the other)
//
// a and b are words of element.h: pitches and lengths count these. Up to kMostVectors vectors of channels wide; as
// many rows as heights() says. Both call `between` after every kSteps steps, to fetch what comes next;
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

// Heights of tiles, the largest one first: few, because each is compiled wherever tiles are made.
template <int... height>
struct Heights {
  static constexpr int kAll[] = {height...};
  static constexpr int kMost = kAll[0];
};

// What for_tiles() cuts rows into. Any number from six on is made of 6, 4 and 3. Tiles narrower than the widest have its
// heights too, because they share its bands, and more rows where they are alone: what the register file holds beyond one
// row of b, one broadcast and a spare. The widest could be higher, but its epilogue is so short that the processor begins
// the next tile's products during it.
template <int columns>
constexpr auto heights() {
  if constexpr (columns == kMostVectors) {
    return Heights<6, 4, 3, 1>();
  } else if constexpr (kMostVectors == 2 || columns == 2) {
    return Heights<12, 6, 4, 3, 1>();
  } else {
    return Heights<16, 12, 7, 4, 1>();
  }
}

// The like where rows are taken in pairs: what is left of the largest tiles begins with an even row.
template <int columns>
using EvenHeights = Heights<heights<columns>().kMost, 4, 2, 1>;

// The height to begin with, by the number of rows that are left, where that is less than two of the largest tiles: the
// quickest cut. A tile takes as long as its products, or as long as one product if these are fewer than fit in its latency.
template <int columns>
struct Cut {
  static constexpr auto kHeights = heights<columns>();
  static constexpr int kRows = 2 * kHeights.kMost, kLatency = 8;
  int first[kRows + 1] = {};

  constexpr Cut() {
    int cost[kRows + 1] = {};
    for (int rows = 1; rows <= kRows; rows++) {
      for (int height : kHeights.kAll) {
        if (height > rows) continue;
        const int products = height * columns;
        const int total = cost[rows - height] + 1 + (products > kLatency ? products : kLatency);
        if (first[rows] == 0 || total < cost[rows]) {
          first[rows] = height;
          cost[rows] = total;
        }
      }
    }
  }

  constexpr int64_t height(int64_t rows) const { return rows > kRows ? kHeights.kMost : first[rows]; }
};

template <int columns>
constexpr Cut<columns> kCut{};

template <int columns, class Body, int... height>
DN_INLINE void with_height(int64_t rows, Heights<height...>, Body&& body) {
  (void)((rows == height ? (body(TileShape<height, columns>()), true) : false) || ...);
}

// Tiles of the largest of these heights, and what is left in lower ones: body(shape, first row).
template <int columns, class Body, int... height>
DN_INLINE void stack_tiles(int64_t rows, Heights<height...>, Body&& body) {
  for (int64_t row = 0; row < rows;) {
    (void)((rows - row >= height ? (body(TileShape<height, columns>(), row), row += height, true) : false) || ...);
  }
}

// body(width) with the width as a constant.
template <class Body>
DN_INLINE void with_width(int64_t width, Body&& body) {
  if constexpr (kMostVectors == 3) {
    if (width == 3) return body(std::integral_constant<int, 3>{});
  }
  if (width == 2) {
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

// Covers rows x (vectors of channels) with tiles: body(shape, first row, first vector).
template <class Body>
void for_tiles(int64_t rows, int64_t vectors, Body&& body) {
  const int64_t widest = divide_up(vectors, divide_up(vectors, kMostVectors));
  for (int64_t row = 0, height = 0; row < rows; row += height) {
    with_width(widest, [&](auto columns) { height = kCut<columns>.height(rows - row); });
    for_panels(vectors, [&](int64_t vector, int64_t width) {
      with_width(width, [&](auto columns) {
        with_height<columns>(height, heights<columns>(), [&](auto shape) { body(shape, row, vector); });
      });
    });
  }
}

// The like where a body only moves values from memory to memory: one vector of channels wide, because nothing is gained by
// sharing a row of b, and of few heights, because nothing is lost by a row at a time.
template <class Body>
DN_INLINE void for_values(int64_t rows, int64_t vectors, Body&& body) {
  stack_tiles<1>(rows, Heights<8, 4, 1>(), [&](auto shape, int64_t row) {
    for (int64_t vector = 0; vector < vectors; vector++) body(shape, row, vector);
  });
}

}  // namespace dn
#endif
