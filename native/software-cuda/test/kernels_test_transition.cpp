#include "kernels_test_pointwise.h"

namespace kernels_test {
namespace {

struct ShapePooled {
  Map map;
  int64_t in, out, wider;
  unsigned blocks;
};

// Odd sizes: the last row and column are in no window.
constexpr ShapePooled kShapes[] = {
    {{1, 2, 2}, 7, 3, 20, 1}, {{2, 3, 2}, 33, 16, 9, 1}, {{1, 2, 5}, 36, 130, 6, 1}, {{3, 9, 13}, 70, 35, 37, 2},
    {{3, 5, 27}, 40, 300, 4, 1}};

Map pooled(const Map& map) { return {map.images, map.height / 2, map.width / 2}; }

// A block takes `columns` channels of y.
template <class T>
void check_fprop(const Device& device, const std::string& kernel, int64_t columns, const ShapePooled& s,
                 uint32_t seed) {
  const std::string what =
      kernel + " of " + s.map.text() + ", " + std::to_string(s.in) + " to " + std::to_string(s.out) + " channels";
  const PointwiseCase<T> c(s.map, pooled(s.map), s.in, s.out, false, 1, seed);  // for its windows
  Random random(seed);
  Tensor<T> x(s.map.pixels(), s.in, Tensor<T>::Use::kRead, 19);
  Tensor<T> y(pooled(s.map).pixels(), s.out, Tensor<T>::Use::kWritten, s.wider);
  x.draw(random, 0.3, 1.5);
  x.upload();
  y.upload();
  const Normalization norm(x, s.in / 2, random);
  const int64_t rows = round_up(s.out, columns);
  const Weights<T> w(s.out, s.in, 1, round_up(s.in, 4 * kVector<T>) / kVector<T>, rows, random);
  const ExactSums sums(2 * s.out);
  launch(device, kernel, {s.blocks, static_cast<unsigned>(rows / columns), 128},
         Words()
             .add(y.address(), sums.address(), x.address(), w.address(), y.pitch, x.pitch, rows, s.out, width_of(y), 0)
             .add(s.map.images, s.map.height, s.map.width, norm.forward(), no_dropout()),
         tiles_of(y.pixels, 64));
  std::vector<Expected> expected(static_cast<size_t>(y.pixels * s.out));
  const double rounding = sizeof(T) == 2 ? kRoundingOfTwo : kRounding<T>;
  for (int64_t p = 0; p < y.pixels; p++) {
    for (int64_t i = 0; i < s.in; i++) {
      double a = 0, wrong = 0;
      for (int64_t q : c.window(p)) {
        a += std::max(0.0, norm.before(x.at(q, i), i)) / 4;
        wrong += norm.wrong(x.at(q, i), i) / 4;
      }
      for (int64_t o = 0; o < s.out; o++) {
        expected[static_cast<size_t>(p * s.out + o)].add(a * w.at(o, i), rounding, wrong * std::abs(w.at(o, i)));
      }
    }
  }
  for (Expected& e : expected) e = e.stored(kRounding<T>);
  y.expect(expected, what);
  norm.expect_statistics(what);
  y.download(what);
  sums.expect(statistics(y), what);
}

}  // namespace

void test_transition(const Device& device) {
  uint32_t seed = 500;
  for (const ShapePooled& s : kShapes) {
    check_fprop<Bf16>(device, "dn_transition_fprop_128", 128, s, seed++);
    check_fprop<Bf16>(device, "dn_transition_fprop_256", 256, s, seed++);
    check_fprop<float>(device, "dn_transition_fprop_fp32", 128, s, seed++);
    check_pointwise<Bf16>(device, "transition_bprop", s.map, pooled(s.map), s.in, s.out, false, s.blocks, seed++);
    check_pointwise<float>(device, "transition_bprop", s.map, pooled(s.map), s.in, s.out, false, s.blocks, seed++);
  }
}

}  // namespace kernels_test
