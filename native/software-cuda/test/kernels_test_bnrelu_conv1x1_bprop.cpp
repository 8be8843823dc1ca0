#include "kernels_test_pointwise.h"

namespace kernels_test {
namespace {

struct Shape1x1 {
  Map map;
  int64_t in, out;
  bool accumulate;
  unsigned blocks;
  double size = 1;  // of gradients
};

constexpr Shape1x1 kNarrow[] = {{{1, 1, 1}, 7, 12, false, 1},   {{2, 1, 1}, 33, 48, true, 1},
                                {{1, 5, 1}, 36, 28, true, 1},   {{1, 13, 29}, 97, 13, true, 2},
                                {{3, 8, 8}, 130, 48, false, 3}, {{1, 5, 7}, 20, 24, false, 1, 1e-7},
                                {{1, 5, 13}, 250, 36, true, 1}};
constexpr Shape1x1 kWide[] = {{{1, 1, 1}, 33, 52, true, 1},
                              {{2, 1, 1}, 130, 128, false, 1},
                              {{1, 13, 11}, 97, 101, true, 2},
                              {{1, 5, 13}, 250, 76, true, 2}};
constexpr Shape1x1 kWider[] = {
    {{1, 1, 1}, 33, 52, true, 1}, {{2, 1, 1}, 70, 192, false, 1}, {{1, 13, 11}, 97, 130, true, 2},
    {{1, 5, 13}, 40, 140, true, 2}};

// Both gradients by one kernel, for chunks of `chunk` channels of x.
template <class T>
void check(const Device& device, const std::string& kernel, int64_t chunk, const Shape1x1& s, uint32_t seed) {
  const std::string what =
      kernel + " of " + s.map.text() + ", " + std::to_string(s.in) + " to " + std::to_string(s.out) + " channels";
  PointwiseCase<T> c(s.map, s.map, s.in, s.out, s.accumulate, s.blocks, seed, s.size);
  launch(device, kernel, {s.blocks, static_cast<unsigned>((s.in + chunk - 1) / chunk), 256},
         Words()
             .add(c.s.address(), c.x_sums.address(), c.partials.address(), c.gy.address(), c.y.address(), c.x.address(),
                  c.w.address(), c.s.pitch, c.x.pitch, c.y.pitch, c.rows, s.map.pixels(), s.in, s.out, s.accumulate, 0)
             .add(c.correction.words(), c.norm.reader(), c.hand_over.words()),
         tiles_of(s.map.pixels(), 64));
  c.expect_data(what);
  c.expect_weights(what);
}

}  // namespace

void test_bnrelu_conv1x1_bprop(const Device& device) {
  uint32_t seed = 300;
  for (const Shape1x1& s : kNarrow) {
    check<Bf16>(device, "dn_bnrelu_conv1x1_bprop_48_by_64", 64, s, seed++);
    check<Bf16>(device, "dn_bnrelu_conv1x1_bprop_48_by_128", 128, s, seed++);
    check<Bf16>(device, "dn_bnrelu_conv1x1_bprop_48_by_192", 192, s, seed++);
    check<float>(device, "dn_bnrelu_conv1x1_bprop_48_by_32_fp32", 32, s, seed++);
  }
  for (const Shape1x1& s : kWide) {
    check<Bf16>(device, "dn_bnrelu_conv1x1_bprop_128_by_128", 128, s, seed++);
    check<Bf16>(device, "dn_bnrelu_conv1x1_bprop_128_by_192", 192, s, seed++);
  }
  for (const Shape1x1& s : kWider) {
    check_pointwise<Bf16>(device, "bnrelu_conv1x1_bprop_wide", s.map, s.map, s.in, s.out, s.accumulate, s.blocks,
                          seed++);
    check_pointwise<float>(device, "bnrelu_conv1x1_bprop_wide", s.map, s.map, s.in, s.out, s.accumulate, s.blocks,
                           seed++);
  }
}

}  // namespace kernels_test
