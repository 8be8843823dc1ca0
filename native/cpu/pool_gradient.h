// The gradient of x through the transition's average pool and relu(BN(x)): what GradientEpilogue does to a tile, with
// four pixels for each row of it. Each gets a quarter of the gradient. On the way the mean of their activations turns
// up, the operand of the weight's gradient, in float32.
#ifndef DENSENET4J_CPU_POOL_GRADIENT_H
#define DENSENET4J_CPU_POOL_GRADIENT_H

#include "gradient.h"
#include "pool.h"

namespace dn {

// `width` vectors of channels from channel c on; the last vector has `last` channels, fewer than it could if `partial`.
// Parameters and reductions stay in registers for as many windows as there are. `row`: pixels in a row of x.
template <class T, int width, bool partial>
class PoolGradientPanel {
 public:
  PoolGradientPanel(const dn_input_gradient& dx, const dn_input& x, int64_t c, int64_t last, int64_t row)
      : value_(x.value), sum_(dx.gradient.sum), c_(c), last_(last), row_(row), accumulate_(dx.accumulate != 0) {
    for (int v = 0; v < width; v++) {
      scale_[v] = read(x.affine.scale + c, v);
      shift_[v] = read(x.affine.shift + c, v);
      gamma_[v] = read(x.gamma + c, v);
      mean_[v] = read(x.statistics.mean + c, v);
      dy_[v] = dyx_[v] = zero();
    }
  }

  // Of vector v: hands da, the gradient of the mean activation of the window whose upper left pixel is `corner`, to the
  // window's pixels, and returns that mean.
  DN_INLINE Vec window(int v, int64_t corner, Vec da) {
    const Vec quarter = da * broadcast(0.25f), change = gamma_[v] * quarter;
    Vec a = zero(), dy_sum = zero(), dyx_sum = zero();
    const int64_t pixels[] = {corner, corner + 1, corner + row_, corner + row_ + 1};
#pragma GCC unroll 4
    for (int64_t pixel : pixels) {
      const Vec x = read(value_.at(pixel, c_), v), before = fma(x, scale_[v], shift_[v]);
      const Vec dy = where_positive(before, quarter), dx = where_positive(before, change);
      T* sum = sum_.at(pixel, c_);
      write(sum, v, accumulate_ ? read(sum, v) + dx : dx);
      a = a + relu(before);
      dy_sum = dy_sum + dy;
      dyx_sum = fma(dy, x - mean_[v], dyx_sum);
    }
    dy_[v] = dy_[v] + dy_sum;
    dyx_[v] = dyx_[v] + dyx_sum;
    return a * broadcast(0.25f);
  }

  void finish(typename GradientEpilogue<T>::Chunk& sums) const {
    for (int v = 0; v < width; v++) sums.add_sums(c_ / kLanes + v, dy_[v], dyx_[v]);
  }

 private:
  template <class From>
  DN_INLINE Vec read(const From* from, int v) const {
    return partial && v == width - 1 ? load_first(from + v * kLanes, last_) : load(from + v * kLanes);
  }

  DN_INLINE void write(T* to, int v, Vec value) const {
    if (partial && v == width - 1) {
      store_first(to + v * kLanes, value, last_);
    } else {
      store(to + v * kLanes, value);
    }
  }

  Slice<T> value_, sum_;
  int64_t c_, last_, row_;
  bool accumulate_;
  Vec scale_[width], shift_[width], gamma_[width], mean_[width], dy_[width], dyx_[width];
};

template <class T>
class PoolGradient {
 public:
  PoolGradient(const dn_input_gradient& dx, const dn_input& x, const dn_extent& extent, int64_t channels)
      : dx_(dx), x_(x), sum_(dx.gradient.sum), extent_(extent), windows_(extent), channels_(channels) {}

  // A panel of `width` vectors of channels of `count` windows, whose upper left pixels are `corners`. da is the
  // gradient of the mean activations, which `to` takes.
  template <int width, class Target>
  void panel(int64_t vector, const int64_t* corners, int64_t count, const float* da,
             typename GradientEpilogue<T>::Chunk& sums, const Target& to) const {
    const int64_t c = vector * kLanes, last = lanes(c + (width - 1) * kLanes, channels_);
    if (last == kLanes) {
      run(PoolGradientPanel<T, width, false>(dx_, x_, c, last, extent_.width), corners, count, da, sums, to);
    } else {
      run(PoolGradientPanel<T, width, true>(dx_, x_, c, last, extent_.width), corners, count, da, sums, to);
    }
  }

  // Pixels beside the windows of a pooled row, and below those of an image's last one, get none.
  void clear_uncovered(int64_t row) const {
    const int64_t corner = windows_.corner(row, 0), width = extent_.width;
    if (width % 2 == 1) {
      clear(corner + width - 1, 1);
      clear(corner + 2 * width - 1, 1);
    }
    if (extent_.height % 2 == 1 && row % windows_.height() == windows_.height() - 1) clear(corner + 2 * width, width);
  }

 private:
  template <int width, bool partial, class Target>
  static void run(PoolGradientPanel<T, width, partial> panel, const int64_t* corners, int64_t count, const float* da,
                  typename GradientEpilogue<T>::Chunk& sums, const Target& to) {
    for (int64_t p = 0; p < count; p += Target::kPixels) {
#pragma GCC unroll 3
      for (int v = 0; v < width; v++) {
        Vec a[Target::kPixels];
#pragma GCC unroll 2
        for (int i = 0; i < Target::kPixels; i++) {
          a[i] = p + i < count ? panel.window(v, corners[p + i], load(da + ((p + i) * width + v) * kLanes)) : zero();
        }
        to.put(p, v * kLanes, a);
      }
    }
    panel.finish(sums);
  }

  void clear(int64_t pixel, int64_t pixels) const {
    for (int64_t p = pixel; p < pixel + pixels && !dx_.accumulate; p++) {
      std::fill(sum_.at(p), sum_.at(p, channels_), T{});
    }
  }

  dn_input_gradient dx_;
  dn_input x_;
  Slice<T> sum_;
  dn_extent extent_;
  PoolWindows windows_;
  int64_t channels_;
};

}  // namespace dn
#endif
