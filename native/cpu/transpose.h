// A square of floats turned in registers: it makes vectors along a dimension that is not the innermost one in memory.
#ifndef DENSENET4J_CPU_TRANSPOSE_H
#define DENSENET4J_CPU_TRANSPOSE_H

#include <utility>

#include "simd.h"

namespace dn {

// Lane i of the result is lane first + i / 2 of a if i is even, and of b if it is odd.
template <int first, int... i>
DN_INLINE Vec interleave(Vec a, Vec b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, (first + i / 2 + i % 2 * kLanes)...);
}

// Lane c of v[r] becomes lane r of v[c]: each round interleaves the first half of the vectors with the second.
DN_INLINE void transpose(Vec (&v)[kLanes]) {
  constexpr auto kAll = std::make_integer_sequence<int, kLanes>{};
#pragma GCC unroll 4
  for (int round = 1; round < kLanes; round *= 2) {
    Vec turned[kLanes];
#pragma GCC unroll 8
    for (int i = 0; i < kLanes / 2; i++) {
      turned[2 * i] = interleave<0>(v[i], v[i + kLanes / 2], kAll);
      turned[2 * i + 1] = interleave<kLanes / 2>(v[i], v[i + kLanes / 2], kAll);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) v[i] = turned[i];
  }
}

// to[c] = column c of a matrix, its first kLanes rows, or as many as there are and zeros. `pitch` is from row to row. So many
// rows at a time are more than processors fetch ahead of.
inline void transpose(const float* from, int64_t pitch, int64_t rows, int64_t columns, Vec* to) {
  if (pitch == 1 && columns == 1) {
    to[0] = load(from, rows < kLanes ? rows : kLanes);
    return;
  }
  for (int64_t c = 0; c < columns; c += kLanes) {
    const int64_t n = lanes(c, columns);
    Vec v[kLanes];
#pragma GCC unroll 16
    for (int r = 0; r < kLanes; r++) {
      const float* row = from + r * pitch + c;
      v[r] = r < rows ? load(row, n) : zero();
      __builtin_prefetch(row + 2 * kLanes);
    }
    transpose(v);
    if (n == kLanes) {
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) to[c + i] = v[i];
    } else {
      for (int64_t i = 0; i < n; i++) to[c + i] = v[i];
    }
  }
}

}  // namespace dn
#endif
