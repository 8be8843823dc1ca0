// Winograd's F(n x n, 3x3): a tile of n x n outputs of a 3x3 convolution from a patch of (n+2) x (n+2) inputs, by one product
// for each of the patch's places instead of nine for each output (Lavin and Gray 2016). With the transforms
//   patch P(d) = B' d B, filter F(g) = G g G', tile Y(m) = A' m A
// the outputs are Y(P(d) * F(g)), the product taken place by place and summed over channels. The same numbers make the
// gradient of the filter of that of the outputs, e: the adjoint of F of P(d) * (adjoint of Y)(e), summed over tiles.
#ifndef DENSENET4J_CPU_WINOGRAD_H
#define DENSENET4J_CPU_WINOGRAD_H

#include "simd.h"

namespace dn {

template <int n>
struct Line {
  Vec at[n];
};

template <int n>
struct Square {
  Line<n> row[n];
};

// By the side n of a tile of outputs.
template <int side>
struct Winograd;

// By the points 0, 1 and -1, with signs of the last place that need no negation.
template <>
struct Winograd<2> {
  static constexpr int kPatch = 4, kPlaces = kPatch * kPatch;

  // B' d
  struct PatchTransform {
    DN_INLINE Line<4> operator()(const Line<4>& d) const {
      return {{d.at[0] - d.at[2], d.at[1] + d.at[2], d.at[2] - d.at[1], d.at[3] - d.at[1]}};
    }
  };

  // A' m, and the adjoint A e
  struct TileTransform {
    DN_INLINE Line<2> operator()(const Line<4>& m) const {
      return {{m.at[0] + m.at[1] + m.at[2], m.at[1] - m.at[2] + m.at[3]}};
    }
    DN_INLINE Line<4> operator()(const Line<2>& e) const {
      return {{e.at[0], e.at[0] + e.at[1], e.at[0] - e.at[1], e.at[1]}};
    }
  };

  // G g, and the adjoint G' h
  struct FilterTransform {
    DN_INLINE Line<4> operator()(const Line<3>& g) const {
      const Vec half = broadcast(0.5f), ends = half * (g.at[0] + g.at[2]), middle = half * g.at[1];
      return {{g.at[0], ends + middle, ends - middle, g.at[2]}};
    }
    DN_INLINE Line<3> operator()(const Line<4>& h) const {
      const Vec half = broadcast(0.5f), ends = half * (h.at[1] + h.at[2]), middle = half * (h.at[1] - h.at[2]);
      return {{h.at[0] + ends, middle, ends + h.at[3]}};
    }
  };
};

// By the points 0, +-a and +-b: of the multiples of 1/8, those with the smallest rounding error. All coefficients of P and Y
// are exact. Without adjoints, which training would need.
template <>
struct Winograd<4> {
  static constexpr int kPatch = 6, kPlaces = kPatch * kPatch;

  struct PatchTransform {
    DN_INLINE Line<6> operator()(const Line<6>& d) const {
      const Vec aa = broadcast(-a * a), bb = broadcast(-b * b);
      const Vec sum = broadcast(-a * a - b * b), product = broadcast(a * a * b * b);
      const Vec a_even = fma(bb, d.at[2], d.at[4]), a_odd = broadcast(a) * fma(bb, d.at[1], d.at[3]);
      const Vec b_even = fma(aa, d.at[2], d.at[4]), b_odd = broadcast(b) * fma(aa, d.at[1], d.at[3]);
      return {{fma(product, d.at[0], fma(sum, d.at[2], d.at[4])), a_even + a_odd, a_even - a_odd, b_even + b_odd,
               b_even - b_odd, fma(product, d.at[1], fma(sum, d.at[3], d.at[5]))}};
    }
  };

  struct TileTransform {
    DN_INLINE Line<4> operator()(const Line<6>& m) const {
      const Vec a_even = m.at[1] + m.at[2], a_odd = m.at[1] - m.at[2];
      const Vec b_even = m.at[3] + m.at[4], b_odd = m.at[3] - m.at[4];
      return {{m.at[0] + (a_even + b_even), fma(broadcast(a), a_odd, broadcast(b) * b_odd),
               fma(broadcast(a * a), a_even, broadcast(b * b) * b_even),
               fma(broadcast(a * a * a), a_odd, fma(broadcast(b * b * b), b_odd, m.at[5]))}};
    }
  };

  struct FilterTransform {
    DN_INLINE Line<6> operator()(const Line<3>& g) const {
      // By the product of a point's distances from the others.
      constexpr float by_0 = 1 / (a * a * b * b), by_a = 0.5f / (a * a * (a * a - b * b)),
                      by_b = 0.5f / (b * b * (b * b - a * a));
      const Vec a_even = broadcast(by_a) * fma(broadcast(a * a), g.at[2], g.at[0]), a_odd = broadcast(by_a * a) * g.at[1];
      const Vec b_even = broadcast(by_b) * fma(broadcast(b * b), g.at[2], g.at[0]), b_odd = broadcast(by_b * b) * g.at[1];
      return {{broadcast(by_0) * g.at[0], a_even + a_odd, a_even - a_odd, b_even + b_odd, b_even - b_odd, g.at[2]}};
    }
  };

 private:
  static constexpr float a = 0.625f, b = 1.5f;
};

// Down the columns of a square. Result [j] is the column j.
template <class Transform, int n>
DN_INLINE auto down(const Square<n>& in, Transform transform) {
  using To = decltype(transform(in.row[0]));
  struct {
    To column[n];
  } out;
#pragma GCC unroll 6
  for (int j = 0; j < n; j++) {
    Line<n> column;
#pragma GCC unroll 6
    for (int i = 0; i < n; i++) column.at[i] = in.row[i].at[j];
    out.column[j] = transform(column);
  }
  return out;
}

// Row i of n columns.
template <int n, int m>
DN_INLINE Line<n> across(const Line<m>* columns, int i) {
  Line<n> row;
#pragma GCC unroll 6
  for (int j = 0; j < n; j++) row.at[j] = columns[j].at[i];
  return row;
}

// Along the rows of what down() made.
template <class Transform, int n, int m>
DN_INLINE Square<m> along(const Line<m> (&columns)[n], Transform transform) {
  Square<m> out;
#pragma GCC unroll 6
  for (int i = 0; i < m; i++) out.row[i] = transform(across<n>(columns, i));
  return out;
}

template <class Transform, int n>
DN_INLINE auto transform(const Square<n>& in, Transform one) {
  return along(down(in, one).column, one);
}

}  // namespace dn
#endif
