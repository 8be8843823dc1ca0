// The two ends of the deferred batch-norm gradient (sum first, correct once).
//
// GradientPrologue: the one correction, dx = (sum - offset - xhat * slope) / sqrt(variance + eps), folded to
// p * (sum - offset) + q * (x - mean), applied while the gradient is copied into a small buffer. The differences come
// first: with few pixels a channel they cancel most of the operands.
//
// GradientEpilogue: what a consumer does with the gradient da of its ReLU's output: dy = da where the pre-activation is
// positive, sum (+)= gamma * dy, and the two reductions dbeta = sum dy, dgamma = sum dy * xhat. On the way it comes by
// a = relu(pre-activation), the operand of the weight's gradient: a sink takes that, put(row, vector, a) by tile.
#ifndef DENSENET4J_CPU_GRADIENT_H
#define DENSENET4J_CPU_GRADIENT_H

#include <algorithm>
#include <cmath>

#include "ahead.h"
#include "philox.h"
#include "scratch.h"
#include "tile.h"
#include "workspace.h"

namespace dn {

template <class T>
class GradientPrologue {
 public:
  GradientPrologue(Workspace& workspace, const dn_output& y, const dn_dropout& dropout, int64_t channels)
      : sum_(y.gradient.sum),
        value_(y.value),
        offset_(y.gradient.offset),
        slope_(y.gradient.slope),
        statistics_(y.statistics),
        mask_(dropout, channels),
        channels_(channels),
        p_(workspace.take<float>(channels)),
        q_(workspace.take<float>(channels)) {}

  // Once, before any load().
  void prepare() const {
    for (int64_t c = 0; c < channels_; c++) {
      const double inverse = 1.0 / std::sqrt(static_cast<double>(statistics_.variance[c]) + DN_BN_EPSILON);
      p_[c] = static_cast<float>(inverse);
      q_[c] = static_cast<float>(-inverse * inverse * slope_[c]);
    }
  }

  // dy of `pixels` pixels, before the dropout that followed the convolution; lanes beyond the channels become 0.
  template <class Target>
  void load(const Target& to, int64_t first, int64_t pixels) const {
    for_panels(vectors(channels_), [&](int64_t vector, int64_t width) {
      with_width(width, [&](auto columns) { panel<columns>(to, first, pixels, vector * kLanes); });
    });
  }

  // What load() will read.
  AheadOfBoth ahead(int64_t first, int64_t pixels) const {
    return {{value_.at(first), value_.pitch, pixels, channels_}, {sum_.at(first), sum_.pitch, pixels, channels_}};
  }

 private:
  template <int width, class Target>
  void panel(const Target& to, int64_t first, int64_t pixels, int64_t c) const {
    const int64_t last = lanes(c + (width - 1) * kLanes, channels_);
    if (last == kLanes) {
      rows<width, false>(to, first, pixels, c, last);
    } else {
      rows<width, true>(to, first, pixels, c, last);
    }
  }

  // A panel is narrow enough for its parameters to stay in registers; its last vector may be a partial one.
  template <int width, bool partial, class Target>
  void rows(const Target& to, int64_t first, int64_t pixels, int64_t c, int64_t last) const {
    const auto read = [&](const auto* from, int v) {
      return partial && v == width - 1 ? load_first(from + v * kLanes, last) : dn::load(from + v * kLanes);
    };
    Vec p[width], q[width], offset[width], mean[width];
    for (int v = 0; v < width; v++) {
      p[v] = read(p_ + c, v);
      q[v] = read(q_ + c, v);
      offset[v] = read(offset_ + c, v);
      mean[v] = read(statistics_.mean + c, v);
    }
    const Slice<T> sums = sum_, values = value_;
    const bool dropped = mask_.active();
    for (int64_t pixel = 0; pixel < pixels; pixel += Target::kPixels) {
#pragma GCC unroll 3
      for (int v = 0; v < width; v++) {
        put_pixel(to, pixel, pixels, c + v * kLanes, [&](int64_t i) {
          const Vec sum = read(sums.at(first + i, c), v), value = read(values.at(first + i, c), v);
          const Vec dy = fma(p[v], sum - offset[v], q[v] * (value - mean[v]));
          return dropped ? dy * mask_.factors(first + i, c + v * kLanes) : dy;
        });
      }
    }
  }

  Slice<T> sum_, value_;
  const float *offset_, *slope_;
  dn_statistics statistics_;
  DropoutMask mask_;
  int64_t channels_;
  float *p_, *q_;
};

// A sink of GradientEpilogue that wants nothing.
struct NoSink {
  DN_INLINE void put(int, int, Vec) const {}
};

// Takes a tile of `rows` pixels, the first of them even, as the operand of outer().
template <class T>
class OperandSink {
 public:
  OperandSink(const AlongPixels<T>& to, int rows) : to_(to), rows_(rows) {}

  DN_INLINE void put(int p, int v, Vec a) {
    if constexpr (AlongPixels<T>::kPixels == 1) {
      to_.put(p, v * kLanes, {a});
    } else if (p % 2 == 1) {
      to_.put(p - 1, v * kLanes, {earlier_, a});
    } else if (p == rows_ - 1) {
      to_.put(p, v * kLanes, {a, zero()});
    } else {
      earlier_ = a;
    }
  }

 private:
  AlongPixels<T> to_;
  int rows_;
  Vec earlier_;
};

template <class T>
class GradientEpilogue {
 public:
  GradientEpilogue(Workspace& workspace, const dn_input_gradient& dx, const dn_input& x, int64_t channels,
                   int64_t pixels, int64_t chunks, int64_t threads)
      : dx_(dx),
        x_(x),
        value_(x.value),
        sum_(dx.gradient.sum),
        channels_(channels),
        padded_(round_to_lanes(channels)),
        pixels_(pixels),
        chunks_(chunks),
        chunk_sums_(workspace.take<double>(chunks * 2 * padded_)),
        thread_sums_(workspace, threads, 2 * padded_),
        tile_sums_(workspace, threads, 2 * padded_) {}

  class Chunk {
   public:
    // A register tile of da whose rows are the pixels from `pixel` on.
    template <class Tile>
    DN_INLINE void add(const Tile& tile, int64_t vector, int64_t pixel) {
      add(tile, vector, pixel, NoSink());
    }

    template <class Tile, class Sink>
    DN_INLINE void add(const Tile& tile, int64_t vector, int64_t pixel, Sink&& sink) {
      const GradientEpilogue& of = *of_;
#pragma GCC unroll 3
      for (int v = 0; v < Tile::kVectors; v++) {
        const int64_t c = (vector + v) * kLanes;
        const int64_t n = lanes(c, of.channels_);
        if (n == kLanes) {
          column<false>(tile, v, c, n, pixel, sink);
        } else {
          column<true>(tile, v, c, n, pixel, sink);
        }
      }
    }

    // Of one vector of channels: sums of dy and of dy * (x - mean). Pixels are summed up before, so that rounding errors
    // stay small.
    DN_INLINE void add_sums(int64_t vector, Vec dy, Vec dyx) {
      float *dy_sum = tile_ + vector * kLanes, *dyx_sum = dy_sum + of_->padded_;
      store(dy_sum, dn::load(dy_sum) + dy);
      store(dyx_sum, dn::load(dyx_sum) + dyx);
    }

    // Ends what may be summed in float32.
    void flush() {
      for (int64_t i = 0; i < 2 * of_->padded_; i++) {
        chunk_[i] += tile_[i];
        tile_[i] = 0;
      }
    }

    ~Chunk() { std::copy(chunk_, chunk_ + 2 * of_->padded_, to_); }

   private:
    friend class GradientEpilogue;
    Chunk(const GradientEpilogue* of, double* chunk, float* tile, double* to)
        : of_(of), chunk_(chunk), tile_(tile), to_(to) {
      std::fill(chunk, chunk + 2 * of->padded_, 0.0);
      std::fill(tile, tile + 2 * of->padded_, 0.0f);
    }

    template <bool partial, class Tile, class Sink>
    DN_INLINE void column(const Tile& tile, int v, int64_t c, int64_t n, int64_t pixel, Sink&& sink) {
      const auto read = [&](const auto* p) { return partial ? load_first(p, n) : dn::load(p); };
      const GradientEpilogue& of = *of_;
      const Vec scale = read(of.x_.affine.scale + c), shift = read(of.x_.affine.shift + c);
      const Vec gamma = read(of.x_.gamma + c), mean = read(of.x_.statistics.mean + c);
      Vec dy_sum = zero(), dyx_sum = zero();
      const T* value = of.value_.at(pixel, c);
      T* sum = of.sum_.at(pixel, c);
      const bool accumulate = of.dx_.accumulate != 0;
#pragma GCC unroll 16
      for (int p = 0; p < Tile::kRows; p++, value += of.value_.pitch, sum += of.sum_.pitch) {
        const Vec at = read(value), before = fma(at, scale, shift);
        const Vec dy = where_positive(before, tile.acc[p][v]);
        const Vec after = fma(gamma, dy, accumulate ? read(sum) : zero());
        if (partial) {
          store_first(sum, after, n);
        } else {
          store(sum, after);
        }
        dy_sum = dy_sum + dy;
        dyx_sum = fma(dy, at - mean, dyx_sum);
        sink.put(p, v, relu(before));
      }
      add_sums(c / kLanes, dy_sum, dyx_sum);
    }

    const GradientEpilogue* of_;
    double* chunk_;
    float* tile_;
    double* to_;
  };

  Chunk chunk(int64_t index, int thread) const {
    return Chunk(this, thread_sums_.of(thread), tile_sums_.of(thread), chunk_sums_ + index * 2 * padded_);
  }

  // What Chunk::add() will read and write: `channels` channels from c on.
  AheadOfBoth ahead(int64_t first, int64_t pixels, int64_t c, int64_t channels) const {
    return {{value_.at(first, c), value_.pitch, pixels, channels}, {sum_.at(first, c), sum_.pitch, pixels, channels}};
  }

  // After all chunks: dgamma, dbeta and the two correction terms a channel.
  void finish() const {
    for (int64_t c = 0; c < channels_; c++) {
      double dbeta = 0, dgamma = 0;
      for (int64_t i = 0; i < chunks_; i++) {
        dbeta += chunk_sums_[i * 2 * padded_ + c];
        dgamma += chunk_sums_[i * 2 * padded_ + padded_ + c];
      }
      dgamma /= std::sqrt(static_cast<double>(x_.statistics.variance[c]) + DN_BN_EPSILON);
      const double gamma_over_m = static_cast<double>(x_.gamma[c]) / static_cast<double>(pixels_);
      const auto add = [&](float& to, double term) { to = static_cast<float>((dx_.accumulate ? to : 0.0) + term); };
      dx_.dbeta[c] = static_cast<float>(dbeta);
      dx_.dgamma[c] = static_cast<float>(dgamma);
      add(dx_.gradient.offset[c], gamma_over_m * dbeta);
      add(dx_.gradient.slope[c], gamma_over_m * dgamma);
    }
  }

 private:
  dn_input_gradient dx_;
  dn_input x_;
  Slice<T> value_, sum_;
  int64_t channels_, padded_, pixels_, chunks_;
  double* chunk_sums_;
  PerThread<double> thread_sums_;
  PerThread<float> tile_sums_;
};

}  // namespace dn
#endif
