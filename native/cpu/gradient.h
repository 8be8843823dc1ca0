// The two ends of the deferred batch-norm gradient (sum first, correct once).
//
// GradientPrologue: the one correction, dx = (sum - offset - xhat * slope) / sqrt(variance + eps), folded to
// p * (sum - offset) + q * (x - mean), applied while the gradient is copied into a small buffer. The differences come
// first: with few pixels a channel they cancel most of the operands.
//
// GradientEpilogue: what a consumer does with the gradient da of its ReLU's output: dy = da where the pre-activation is
// positive, sum (+)= gamma * dy, and the two reductions dbeta = sum dy, dgamma = sum dy * xhat.
#ifndef DENSENET4J_CPU_GRADIENT_H
#define DENSENET4J_CPU_GRADIENT_H

#include <algorithm>
#include <cmath>

#include "densenet4j.h"
#include "philox.h"
#include "tile.h"
#include "workspace.h"

namespace dn {

class GradientPrologue {
 public:
  GradientPrologue(Workspace& workspace, const dn_output& y, const dn_dropout& dropout, int64_t channels)
      : y_(y),
        mask_(dropout, channels),
        channels_(channels),
        p_(workspace.take<float>(channels)),
        q_(workspace.take<float>(channels)) {}

  // Once, before any load().
  void prepare() const {
    for (int64_t c = 0; c < channels_; c++) {
      const double inverse = 1.0 / std::sqrt(static_cast<double>(y_.statistics.variance[c]) + DN_BN_EPSILON);
      p_[c] = static_cast<float>(inverse);
      q_[c] = static_cast<float>(-inverse * inverse * y_.gradient.slope[c]);
    }
  }

  // to[i * to_pitch + c] = dy of pixel first + i, before the dropout that followed the convolution. Writes whole
  // vectors: to_pitch is a multiple of kLanes.
  void load(float* to, int64_t to_pitch, int64_t first, int64_t pixels) const {
    const float* sum = y_.gradient.sum.data + first * y_.gradient.sum.pitch;
    const float* value = y_.value.data + first * y_.value.pitch;
    for_panels(vectors(channels_), [&](int64_t vector, int64_t width) {
      const int64_t c = vector * kLanes;
      if (width == 3) {
        panel<3>(to + c, to_pitch, sum + c, value + c, c, pixels);
      } else if (width == 2) {
        panel<2>(to + c, to_pitch, sum + c, value + c, c, pixels);
      } else {
        panel<1>(to + c, to_pitch, sum + c, value + c, c, pixels);
      }
    });
    if (mask_.active()) mask_.apply(to, to_pitch, first, pixels, 0, channels_);
  }

 private:
  template <int width>
  void panel(float* to, int64_t to_pitch, const float* sum, const float* value, int64_t c, int64_t pixels) const {
    const int64_t last = lanes(c + (width - 1) * kLanes, channels_);
    if (last == kLanes) {
      rows<width, false>(to, to_pitch, sum, value, c, pixels, last);
    } else {
      rows<width, true>(to, to_pitch, sum, value, c, pixels, last);
    }
  }

  // A panel is narrow enough for its parameters to stay in registers; its last vector may be a partial one.
  template <int width, bool partial>
  void rows(float* to, int64_t to_pitch, const float* sum, const float* value, int64_t c, int64_t pixels,
            int64_t last) const {
    const auto read = [&](const float* from, int v) {
      return partial && v == width - 1 ? load_first(from + v * kLanes, last) : dn::load(from + v * kLanes);
    };
    Vec p[width], q[width], offset[width], mean[width];
    for (int v = 0; v < width; v++) {
      p[v] = read(p_ + c, v);
      q[v] = read(q_ + c, v);
      offset[v] = read(y_.gradient.offset + c, v);
      mean[v] = read(y_.statistics.mean + c, v);
    }
    for (int64_t i = 0; i < pixels; i++, to += to_pitch, sum += y_.gradient.sum.pitch, value += y_.value.pitch) {
#pragma GCC unroll 3
      for (int v = 0; v < width; v++) {
        store(to + v * kLanes, fma(p[v], read(sum, v) - offset[v], q[v] * (read(value, v) - mean[v])));
      }
    }
  }

  dn_output y_;
  DropoutMask mask_;
  int64_t channels_;
  float *p_, *q_;
};

class GradientEpilogue {
 public:
  GradientEpilogue(Workspace& workspace, const dn_input_gradient& dx, const dn_input& x, int64_t channels, int64_t pixels,
                   int64_t chunks, int64_t threads)
      : dx_(dx),
        x_(x),
        channels_(channels),
        padded_(round_to_lanes(channels)),
        pixels_(pixels),
        chunks_(chunks),
        chunk_sums_(workspace.take<double>(chunks * 2 * padded_)),
        tile_sums_(workspace, threads, 2 * padded_) {}

  class Chunk {
   public:
    // A register tile of da whose rows are pixels `pixel`, `pixel` + step, ...; times `factor`.
    template <class T>
    DN_INLINE void add(const T& tile, int64_t vector, int64_t pixel, int64_t step = 1, float factor = 1.0f) {
      const GradientEpilogue& of = *of_;
#pragma GCC unroll 3
      for (int v = 0; v < T::kVectors; v++) {
        const int64_t c = (vector + v) * kLanes;
        const int64_t n = lanes(c, of.channels_);
        if (n == kLanes) {
          column<false>(tile, v, c, n, pixel, step, factor);
        } else {
          column<true>(tile, v, c, n, pixel, step, factor);
        }
      }
    }

    // Ends what may be summed in float32.
    void flush() {
      for (int64_t i = 0; i < 2 * of_->padded_; i++) {
        chunk_[i] += tile_[i];
        tile_[i] = 0;
      }
    }

   private:
    friend class GradientEpilogue;
    Chunk(const GradientEpilogue* of, double* chunk, float* tile) : of_(of), chunk_(chunk), tile_(tile) {
      std::fill(chunk, chunk + 2 * of->padded_, 0.0);
      std::fill(tile, tile + 2 * of->padded_, 0.0f);
    }

    template <bool partial, class T>
    DN_INLINE void column(const T& tile, int v, int64_t c, int64_t n, int64_t pixel, int64_t step, float factor) {
      const auto read = [&](const float* p) { return partial ? load_first(p, n) : dn::load(p); };
      const dn_input& x = of_->x_;
      const dn_slice& gradient = of_->dx_.gradient.sum;
      const Vec scale = read(x.affine.scale + c), shift = read(x.affine.shift + c);
      const Vec gamma = read(x.gamma + c), mean = read(x.statistics.mean + c);
      Vec dy_sum = dn::load(tile_ + c), dyx_sum = dn::load(tile_ + of_->padded_ + c);
      const float* value = x.value.data + pixel * x.value.pitch + c;
      float* sum = gradient.data + pixel * gradient.pitch + c;
      const int64_t value_step = step * x.value.pitch, sum_step = step * gradient.pitch;
      const bool accumulate = of_->dx_.accumulate != 0;
#pragma GCC unroll 16
      for (int p = 0; p < T::kRows; p++, value += value_step, sum += sum_step) {
        __builtin_prefetch(value + T::kRows * value_step, 0, 2);
        __builtin_prefetch(sum + T::kRows * sum_step, 1, 2);
        const Vec at = read(value);
        const Vec dy = where_positive(fma(at, scale, shift), tile.acc[p][v] * broadcast(factor));
        const Vec before = accumulate ? read(sum) : zero();
        const Vec after = fma(gamma, dy, before);
        if (partial) {
          store_first(sum, after, n);
        } else {
          store(sum, after);
        }
        dy_sum = dy_sum + dy;
        dyx_sum = fma(dy, at - mean, dyx_sum);
      }
      store(tile_ + c, dy_sum);
      store(tile_ + of_->padded_ + c, dyx_sum);
    }

    const GradientEpilogue* of_;
    double* chunk_;
    float* tile_;
  };

  Chunk chunk(int64_t index, int thread) const {
    return Chunk(this, chunk_sums_ + index * 2 * padded_, tile_sums_.of(thread));
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
  int64_t channels_, padded_, pixels_, chunks_;
  double* chunk_sums_;
  PerThread<float> tile_sums_;
};

}  // namespace dn
#endif
