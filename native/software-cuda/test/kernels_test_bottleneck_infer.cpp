#include "kernels_test_fused.h"

namespace kernels_test {
namespace {

struct Kernel {
  const char* name;
  int64_t z_rows, rows, stage;
  unsigned threads;
};

constexpr Kernel kNarrow{"bottleneck_infer_48", 48, 16, 6, 128}, kWide{"bottleneck_infer_128", 128, 32, 8, 256};

struct Layer {
  Map map;
  int64_t in, bottleneck, out, wider, first;  // where the slice of y lies
};

// Images of a block, of several, in rows that are longer than a block's pixels; channels that fill nothing.
constexpr Layer kNarrowLayers[] = {{{1, 1, 1}, 12, 48, 12, 20, 8},   {{3, 2, 1}, 24, 32, 16, 0, 0},
                                   {{3, 8, 8}, 36, 48, 12, 36, 24},  {{2, 7, 7}, 49, 40, 7, 30, 13},
                                   {{1, 13, 29}, 60, 48, 12, 60, 26}, {{2, 3, 60}, 28, 12, 3, 11, 2}};
constexpr Layer kWideLayers[] = {{{1, 1, 1}, 12, 128, 17, 20, 8},
                                 {{3, 7, 7}, 130, 128, 32, 64, 64},
                                 {{1, 9, 14}, 64, 96, 31, 40, 31},
                                 {{2, 5, 56}, 96, 49, 20, 12, 4}};

// As inference reads it: nothing is finished, and nothing kept.
Words known(const Normalization& norm, int64_t channels) {
  const std::vector<uint64_t> of = norm.reader().words();
  return Words().add(of[0], of[1], 0, of[2], of[3], 0, 0).add(channels, channels, 1, 0.0);
}

// What z is, and what it may be off by, in the mean.
struct Bottleneck {
  std::vector<double> value, wrong;
};

Bottleneck bottleneck(const Tensor<Bf16>& x, const Normalization& norm, const Weights<Bf16>& w, int64_t channels) {
  Bottleneck z;
  for (int64_t p = 0; p < x.pixels; p++) {
    for (int64_t k = 0; k < channels; k++) {
      Expected e;
      for (int64_t c = 0; c < x.channels; c++) {
        const double a = std::max(0.0, norm.before(x.at(p, c), c));
        e.add(a * w.at(k, c), kRounding<Bf16>, norm.wrong(x.at(p, c), c) * std::abs(w.at(k, c)));
      }
      z.value.push_back(e.value);
      z.wrong.push_back(std::sqrt(e.squares));
    }
  }
  return z;
}

void check(const Device& device, const Kernel& kernel, const Layer& s, uint32_t seed) {
  const std::string what = std::string(kernel.name) + " of " + s.map.text() + ", " + std::to_string(s.in) + " to " +
                           std::to_string(s.bottleneck) + " to " + std::to_string(s.out) + " channels from " +
                           std::to_string(s.first);
  Random random(seed);
  const int64_t pixels = s.map.pixels(), image = s.map.height * s.map.width;
  Tensor<Bf16> x(pixels, s.in, Tensor<Bf16>::Use::kRead, 5);
  Tensor<Bf16> y(pixels, s.out, Tensor<Bf16>::Use::kWritten, s.wider, s.first);
  x.draw(random, 0.3, 1.5);
  x.upload();
  y.upload();
  const Normalization norm(x, s.in, random);
  const Weights<Bf16> w1(s.bottleneck, s.in, 1, round_up(s.in, 32) / 8, kernel.z_rows, random);
  const int64_t planes = round_up(s.bottleneck, kernel.stage * 8) / 8;
  const Weights<Bf16> w2(s.out, s.bottleneck, 9, planes, kernel.rows, random);
  const Bottleneck z = bottleneck(x, norm, w1, s.bottleneck);
  Tensor<float> z_values(pixels, s.bottleneck, Tensor<float>::Use::kRead);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t k = 0; k < s.bottleneck; k++) z_values.set(p, k, z.value[static_cast<size_t>(p * s.bottleneck + k)]);
  }
  const Normalization z_norm(z_values, s.bottleneck, random);
  const int64_t blocks = image <= 64 ? s.map.images : (pixels + 63) / 64;
  launch(device, "dn_" + std::string(kernel.name), {static_cast<unsigned>(blocks), 1, kernel.threads},
         Words()
             .add(y.address(), x.address(), w1.address(), w2.address(), y.pitch, x.pitch, kernel.z_rows, kernel.rows)
             .add(s.out, width_of(y), pixels, s.map.height, s.map.width)
             .add(known(norm, s.in), known(z_norm, s.bottleneck)));

  std::vector<Expected> expected(static_cast<size_t>(pixels * s.out));
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t o = 0; o < s.out; o++) {
      Expected& e = expected[static_cast<size_t>(p * s.out + o)];
      for (int64_t t = 0; t < 9; t++) {
        const int64_t q = s.map.neighbour(p, t / 3 - 1, t % 3 - 1);
        for (int64_t k = 0; q >= 0 && k < s.bottleneck; k++) {
          const size_t at = static_cast<size_t>(q * s.bottleneck + k);
          const double scale = std::abs(z_norm.before(1, k) - z_norm.before(0, k));
          const double a = std::max(0.0, z_norm.before(z.value[at], k));
          const double wrong = z_norm.wrong(z.value[at], k) + scale * z.wrong[at];
          e.add(a * w2.at(o, k, t), kRounding<Bf16>, wrong * std::abs(w2.at(o, k, t)));
        }
      }
      e = e.stored(kRounding<Bf16>);
    }
  }
  y.expect(expected, what);
}

}  // namespace

void test_bottleneck_infer(const Device& device) {
  uint32_t seed = 900;
  for (const Layer& s : kNarrowLayers) check(device, kNarrow, s, seed++);
  for (const Layer& s : kWideLayers) check(device, kWide, s, seed++);
}

}  // namespace kernels_test
