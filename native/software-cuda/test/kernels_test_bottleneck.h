// Layers with a bottleneck at inference, in plain double precision.
#ifndef DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_BOTTLENECK_H
#define DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_BOTTLENECK_H

#include "kernels_test_fused.h"

namespace kernels_test {

// How kernels read weights: rows of those of z, and of y, and planes in a step of a product.
struct PackedRows {
  int64_t z, y, step;
};

constexpr PackedRows kNarrowRows{48, 16, 6}, kWideRows{128, 32, 8};

// Parameters of a layer from `in` channels by z_channels to y_channels, and what they make of x.
template <class T>
class BottleneckLayer {
 public:
  // Statistics are those of x, or of what is like it.
  BottleneckLayer(const Tensor<T>& x, int64_t z_channels, int64_t y_channels, const PackedRows& rows, Random& random)
      : in(x.channels),
        z(z_channels),
        y(y_channels),
        norm(x, x.channels, random),
        z_norm(drawn(z_channels, random), z_channels, random),
        w1(z_channels, in, 1, round_up(in, 4 * kVector<T>) / kVector<T>, rows.z, random),
        w2_planes(round_up(z_channels, rows.step * kVector<T>) / kVector<T>),
        w2(y_channels, z_channels, 9, w2_planes, rows.y, random) {}

  // y (pixels, y_channels) of x(pixel, channel).
  template <class F>
  std::vector<Expected> expected(const Map& map, const F& x) const {
    const std::vector<Expected> before = bottleneck(map, x);
    std::vector<Expected> all;
    for (int64_t p = 0; p < map.pixels(); p++) {
      for (int64_t o = 0; o < y; o++) {
        Expected e;
        for (int64_t t = 0; t < 9; t++) {
          const int64_t q = map.neighbour(p, t / 3 - 1, t % 3 - 1);
          for (int64_t k = 0; q >= 0 && k < z; k++) {
            const Expected& of = before[static_cast<size_t>(q * z + k)];
            const double scale = std::abs(z_norm.before(1, k) - z_norm.before(0, k));
            const double a = std::max(0.0, z_norm.before(of.value, k));
            const double wrong = z_norm.wrong(of.value, k) + scale * std::sqrt(of.squares);
            e.add(a * w2.at(o, k, t), kRounding<T>, wrong * std::abs(w2.at(o, k, t)));
          }
        }
        all.push_back(e.stored(kRounding<T>));
      }
    }
    return all;
  }

  const int64_t in, z, y;
  const Normalization norm, z_norm;
  const Weights<T> w1;
  const int64_t w2_planes;
  const Weights<T> w2;

 private:
  static Tensor<float> drawn(int64_t channels, Random& random) {
    Tensor<float> like(12, channels, Tensor<float>::Use::kRead);
    like.draw(random, 0.5, 2);
    return like;
  }

  // z, and what it may be off by.
  template <class F>
  std::vector<Expected> bottleneck(const Map& map, const F& x) const {
    std::vector<Expected> all;
    for (int64_t p = 0; p < map.pixels(); p++) {
      for (int64_t k = 0; k < z; k++) {
        Expected e;
        for (int64_t c = 0; c < in; c++) {
          const double a = std::max(0.0, norm.before(x(p, c), c));
          e.add(a * w1.at(k, c), kRounding<T>, norm.wrong(x(p, c), c) * std::abs(w1.at(k, c)));
        }
        all.push_back(e);
      }
    }
    return all;
  }
};

}  // namespace kernels_test
#endif
