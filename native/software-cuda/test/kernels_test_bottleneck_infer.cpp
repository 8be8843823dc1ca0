#include "kernels_test_bottleneck.h"

namespace kernels_test {
namespace {

struct Kernel {
  const char* name;
  PackedRows rows;
  unsigned threads;
};

constexpr Kernel kNarrow{"bottleneck_infer_48", kNarrowRows, 128}, kWide{"bottleneck_infer_128", kWideRows, 256};

struct Case {
  Map map;
  int64_t in, bottleneck, out, wider, first;  // where the slice of y lies
};

// Images of a block, of several, in rows that are longer than a block's pixels; channels that fill nothing.
constexpr Case kNarrowCases[] = {{{1, 1, 1}, 12, 48, 12, 20, 8},    {{3, 2, 1}, 24, 32, 16, 0, 0},
                                 {{3, 8, 8}, 36, 48, 12, 36, 24},   {{2, 7, 7}, 49, 40, 7, 30, 13},
                                 {{1, 13, 29}, 60, 48, 12, 60, 26}, {{2, 3, 60}, 28, 12, 3, 11, 2}};
constexpr Case kWideCases[] = {{{1, 1, 1}, 12, 128, 17, 20, 8},
                               {{3, 7, 7}, 130, 128, 32, 64, 64},
                               {{1, 9, 14}, 64, 96, 31, 40, 31},
                               {{2, 5, 56}, 96, 49, 20, 12, 4}};

// As inference reads it: nothing is finished, and nothing kept.
Words known(const Normalization& norm, int64_t channels) {
  const std::vector<uint64_t> of = norm.reader().words();
  return Words().add(of[0], of[1], 0, of[2], of[3], 0, 0).add(channels, channels, 1, 0.0);
}

void check(const Device& device, const Kernel& kernel, const Case& s, uint32_t seed) {
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
  const BottleneckLayer<Bf16> layer(x, s.bottleneck, s.out, kernel.rows, random);
  const int64_t blocks = image <= 64 ? s.map.images : (pixels + 63) / 64;
  launch(device, "dn_" + std::string(kernel.name), {static_cast<unsigned>(blocks), 1, kernel.threads},
         Words()
             .add(y.address(), x.address(), layer.w1.address(), layer.w2.address(), y.pitch, x.pitch, kernel.rows.z,
                  kernel.rows.y)
             .add(s.out, width_of(y), pixels, s.map.height, s.map.width)
             .add(known(layer.norm, s.in), known(layer.z_norm, s.bottleneck)));
  y.expect(layer.expected(s.map, [&](int64_t p, int64_t c) { return x.at(p, c); }), what);
}

}  // namespace

void test_bottleneck_infer(const Device& device) {
  uint32_t seed = 900;
  for (const Case& s : kNarrowCases) check(device, kNarrow, s, seed++);
  for (const Case& s : kWideCases) check(device, kWide, s, seed++);
}

}  // namespace kernels_test
