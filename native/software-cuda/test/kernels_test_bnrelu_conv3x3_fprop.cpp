#include "kernels_test_tiles.h"

namespace kernels_test {
namespace {

struct Kernel {
  const char* name;
  int64_t strip, tile, rows, stage;  // pixels of a strip, strips of a tile, channels of a block, planes of a stage
  unsigned threads;
  int64_t most = 1 << 20;  // channels of x whose weights fit
};

struct Shape3x3 {
  Map map;
  int64_t in, out, wider, first;  // where the slice of y lies
  unsigned blocks;
};

constexpr Shape3x3 kNarrow[] = {{{1, 1, 1}, 12, 12, 20, 8, 1},    {{2, 1, 1}, 48, 16, 0, 0, 2},
                                {{1, 5, 1}, 28, 7, 30, 13, 1},    {{1, 1, 5}, 49, 3, 11, 2, 1},
                                {{1, 13, 33}, 48, 12, 36, 24, 7}, {{4, 7, 7}, 48, 10, 60, 26, 1},
                                {{3, 9, 70}, 48, 12, 24, 12, 3}};
constexpr Shape3x3 kWide[] = {{{1, 1, 1}, 12, 17, 20, 8, 1},
                              {{2, 1, 1}, 128, 32, 0, 0, 2},
                              {{1, 5, 1}, 65, 31, 40, 31, 1},
                              {{1, 13, 29}, 64, 32, 64, 64, 6},
                              {{1, 7, 7}, 130, 40, 50, 12, 1},
                              {{3, 8, 35}, 64, 31, 64, 32, 3}};

template <class T>
void check(const Device& device, const Kernel& kernel, const Shape3x3& s, uint32_t seed) {
  const std::string what = std::string(kernel.name) + " of " + s.map.text() + ", " + std::to_string(s.in) + " to " +
                           std::to_string(s.out) + " channels from " + std::to_string(s.first);
  Random random(seed);
  const int64_t pixels = s.map.pixels();
  Tensor<T> x(pixels, s.in, Tensor<T>::Use::kRead), y(pixels, s.out, Tensor<T>::Use::kWritten, s.wider, s.first);
  x.draw(random, 0.3, 1.5);
  x.upload();
  y.upload();
  const Normalization norm(x, 0, random);
  const int64_t planes = round_up(s.in, kernel.stage * kVector<T>) / kVector<T>, rows = round_up(s.out, kernel.rows);
  const Weights<T> w(s.out, s.in, 9, planes, rows, random);
  const ExactSums sums(2 * s.out);
  launch(device, "dn_" + std::string(kernel.name),
         {s.blocks, static_cast<unsigned>(rows / kernel.rows), kernel.threads},
         Words()
             .add(y.address(), sums.address(), x.address(), w.address(), y.pitch, x.pitch, rows, s.out, width_of(y), 0)
             .add(pixels, s.map.height, s.map.width, norm.forward(), no_dropout()),
         tiles_of(s.map, kernel.strip, kernel.tile));

  std::vector<Expected> expected(static_cast<size_t>(pixels * s.out));
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t o = 0; o < s.out; o++) {
      Expected& e = expected[static_cast<size_t>(p * s.out + o)];
      for (int64_t t = 0; t < 9; t++) {
        const int64_t q = s.map.neighbour(p, t / 3 - 1, t % 3 - 1);
        for (int64_t c = 0; q >= 0 && c < s.in; c++) {
          const double a = std::max(0.0, norm.before(x.at(q, c), c));
          e.add(a * w.at(o, c, t), kRounding<T>, norm.wrong(x.at(q, c), c) * std::abs(w.at(o, c, t)));
        }
      }
      e = e.stored(kRounding<T>);
    }
  }
  y.expect(expected, what);
  norm.expect_statistics(what);
  y.download(what);
  sums.expect(statistics(y), what);
}

}  // namespace

void test_bnrelu_conv3x3_fprop(const Device& device) {
  uint32_t seed = 200;
  for (const Shape3x3& s : kNarrow) {
    for (const Kernel& k : {Kernel{"bnrelu_conv3x3_fprop_16_8x64", 8, 64, 16, 6, 128},
                            {"bnrelu_conv3x3_fprop_16_4x32", 4, 32, 16, 6, 64},
                            {"bnrelu_conv3x3_fprop_16_streamed", 1, 64, 16, 6, 128}}) {
      check<Bf16>(device, k, s, seed++);
    }
    check<float>(device, {"bnrelu_conv3x3_fprop_16_fp32", 1, 64, 16, 4, 128}, s, seed++);
  }
  for (const Shape3x3& s : kWide) {
    for (const Kernel& k : {Kernel{"bnrelu_conv3x3_fprop_32_7x32", 7, 32, 32, 8, 256, 128},
                            {"bnrelu_conv3x3_fprop_32_7x16", 7, 16, 32, 8, 128},
                            {"bnrelu_conv3x3_fprop_32_4x32", 4, 32, 32, 8, 256},
                            {"bnrelu_conv3x3_fprop_32_streamed", 1, 64, 32, 8, 128},
                            {"bnrelu_conv3x3_fprop_32_small", 1, 64, 32, 8, 128}}) {
      if (s.in <= k.most) check<Bf16>(device, k, s, seed++);
    }
    check<float>(device, {"bnrelu_conv3x3_fprop_32_fp32", 1, 64, 32, 4, 128}, s, seed++);
  }
}

}  // namespace kernels_test
