#include "kernels_test_tiles.h"

namespace kernels_test {
namespace {

struct Kernel {
  const char* name;
  int64_t tile, rows;  // pixels; channels of a block
  unsigned threads;
  double rounding;  // of a normalised value
};

struct Shape1x1 {
  Map map;
  int64_t in, out, first_new;
  unsigned blocks;
};

// A single pixel, two, width 1, prefixes and outputs that are multiples of nothing, several tiles a block, two chunks,
// more new channels than threads.
constexpr Shape1x1 kNarrow[] = {{{1, 1, 1}, 7, 12, 0, 1},     {{2, 1, 1}, 33, 48, 21, 2},
                                {{1, 5, 1}, 36, 28, 24, 1},   {{1, 13, 29}, 70, 13, 58, 6},
                                {{3, 16, 16}, 64, 48, 52, 2}, {{1, 5, 3}, 1100, 20, 0, 1}};
constexpr Shape1x1 kWide[] = {{{1, 1, 1}, 33, 52, 1, 1},     {{2, 1, 1}, 64, 128, 32, 1}, {{1, 5, 1}, 40, 101, 8, 1},
                              {{1, 13, 29}, 97, 128, 65, 2}, {{2, 3, 3}, 36, 200, 4, 1},  {{1, 5, 3}, 300, 70, 0, 1},
                              {{1, 10, 20}, 36, 60, 4, 4}};

template <class T>
void check(const Device& device, const Kernel& kernel, const Shape1x1& s, uint32_t seed) {
  const std::string what = std::string(kernel.name) + " of " + s.map.text() + ", " + std::to_string(s.in) + " to " +
                           std::to_string(s.out) + " channels";
  Random random(seed);
  const int64_t pixels = s.map.pixels();
  Tensor<T> x(pixels, s.in, Tensor<T>::Use::kRead, 19),
      z(pixels, round_up(s.out, kVector<T>), Tensor<T>::Use::kWritten);
  x.draw(random, 0.3, 1.5);
  x.upload();
  z.upload();
  const Normalization norm(x, s.first_new, random);
  const int64_t planes = round_up(s.in, 4 * kVector<T>) / kVector<T>, rows = round_up(s.out, kernel.rows);
  const Weights<T> w(s.out, s.in, 1, planes, rows, random);
  const ExactSums sums(2 * s.out);
  launch(device, "dn_" + std::string(kernel.name),
         {s.blocks, static_cast<unsigned>(rows / kernel.rows), kernel.threads},
         Words()
             .add(z.address(), sums.address(), x.address(), w.address(), z.pitch, x.pitch, rows, s.out, pixels, 0)
             .add(norm.forward(), no_dropout()),
         tiles_of(pixels, kernel.tile));

  std::vector<Expected> expected(static_cast<size_t>(pixels * z.channels));
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t o = 0; o < s.out; o++) {
      Expected& e = expected[static_cast<size_t>(p * z.channels + o)];
      for (int64_t c = 0; c < s.in; c++) {
        const double a = std::max(0.0, norm.before(x.at(p, c), c));
        e.add(a * w.at(o, c), kernel.rounding, norm.wrong(x.at(p, c), c) * std::abs(w.at(o, c)));
      }
      e = e.stored(kRounding<T>);
    }
  }
  z.expect(expected, what);
  norm.expect_statistics(what);
  z.download(what);
  std::vector<Expected> of_z = statistics(z);
  of_z.resize(static_cast<size_t>(2 * s.out));
  sums.expect(of_z, what);
}

}  // namespace

void test_bnrelu_conv1x1_fprop(const Device& device) {
  uint32_t seed = 100;
  for (const Shape1x1& s : kNarrow) {
    for (const Kernel& k : {Kernel{"bnrelu_conv1x1_fprop_48_large", 256, 48, 256, kRounding<Bf16>},
                            {"bnrelu_conv1x1_fprop_48_small", 64, 48, 128, kRoundingOfTwo},
                            {"bnrelu_conv1x1_fprop_48_streamed", 256, 48, 256, kRounding<Bf16>}}) {
      check<Bf16>(device, k, s, seed++);
    }
    check<float>(device, {"bnrelu_conv1x1_fprop_48_fp32", 64, 48, 128, kRounding<float>}, s, seed++);
  }
  for (const Shape1x1& s : kWide) {
    for (const Kernel& k : {Kernel{"bnrelu_conv1x1_fprop_128_large", 128, 128, 128, kRounding<Bf16>},
                            {"bnrelu_conv1x1_fprop_128_small", 96, 128, 192, kRoundingOfTwo},
                            {"bnrelu_conv1x1_fprop_64_small", 64, 64, 128, kRoundingOfTwo}}) {
      check<Bf16>(device, k, s, seed++);
    }
    check<float>(device, {"bnrelu_conv1x1_fprop_128_fp32", 64, 128, 128, kRounding<float>}, s, seed++);
  }
}

}  // namespace kernels_test
