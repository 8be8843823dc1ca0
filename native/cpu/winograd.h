// Winograd's F(2x2, 3x3): a tile of 2x2 outputs of a 3x3 convolution from a patch of 4x4 inputs by 16 products instead of 36
// (Lavin and Gray 2016). With the transforms
//   patch P(d) = B' d B, filter F(g) = G g G', tile Y(m) = A' m A
// the outputs are Y(P(d) * F(g)), the product taken place by place and summed over channels. The same numbers make the
// gradient of the filter of that of the outputs, e: the adjoint of F of P(d) * (adjoint of Y)(e), summed over tiles.
// The signs of the last place are those that need no negation.
#ifndef DENSENET4J_CPU_WINOGRAD_H
#define DENSENET4J_CPU_WINOGRAD_H

#include "simd.h"

namespace dn {

// What a tile's products are counted by: the 4x4 places of a transformed patch.
constexpr int kPlaces = 16;

template <int n>
struct Line {
  Vec at[n];
};

template <int n>
struct Square {
  Line<n> row[n];
};

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

// Down the columns of a square. Result [j] is the column j.
template <class Transform, int n>
DN_INLINE auto down(const Square<n>& in, Transform transform) {
  using To = decltype(transform(in.row[0]));
  struct {
    To column[n];
  } out;
#pragma GCC unroll 4
  for (int j = 0; j < n; j++) {
    Line<n> column;
#pragma GCC unroll 4
    for (int i = 0; i < n; i++) column.at[i] = in.row[i].at[j];
    out.column[j] = transform(column);
  }
  return out;
}

// Along the rows of what down() made.
template <class Transform, int n, int m>
DN_INLINE Square<m> along(const Line<m> (&columns)[n], Transform transform) {
  Square<m> out;
#pragma GCC unroll 4
  for (int i = 0; i < m; i++) {
    Line<n> row;
#pragma GCC unroll 4
    for (int j = 0; j < n; j++) row.at[j] = columns[j].at[i];
    out.row[i] = transform(row);
  }
  return out;
}

template <class Transform, int n>
DN_INLINE auto transform(const Square<n>& in, Transform one) {
  return along(down(in, one).column, one);
}

}  // namespace dn
#endif
