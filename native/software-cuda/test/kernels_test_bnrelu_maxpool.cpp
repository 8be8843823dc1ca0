#include "kernels_test_tiles.h"

namespace kernels_test {
namespace {

struct PoolShape {
  Map map;
  int64_t channels, wider;
  unsigned blocks;
};

constexpr PoolShape kPools[] = {{{1, 1, 1}, 7, 20, 1},
                                {{2, 1, 1}, 64, 0, 1},
                                {{1, 5, 1}, 33, 9, 2},
                                {{2, 7, 10}, 24, 40, 2},
                                {{1, 9, 9}, 130, 6, 4},
                                {{1, 31, 5}, 8, 0, 2},
                                {{2, 8, 12}, 500, 0, 2},
                                {{1, 3, 83}, 64, 0, 1}};

template <class T>
int64_t planes(const PoolShape& s) {
  return tiles_of(s.channels, kVector<T>);
}

Map pooled(const Map& map) { return {map.images, (map.height - 1) / 2 + 1, (map.width - 1) / 2 + 1}; }

// The pixel of x that a window takes its value from, the first of the largest; -1 if none is above 0.
template <class T>
int64_t chosen(const Map& map, const Tensor<T>& x, const Normalization& norm, int64_t made, int64_t channel) {
  const Map to = pooled(map);
  const int64_t column = made % to.width, row = made / to.width % to.height, image = made / to.width / to.height;
  const int64_t middle = (image * map.height + 2 * row) * map.width + 2 * column;
  int64_t found = -1;
  double largest = 0;
  for (int64_t t = 0; t < 9; t++) {
    const int64_t q = map.neighbour(middle, t / 3 - 1, t % 3 - 1);
    const double before = q < 0 ? 0 : norm.before(x.at(q, channel), channel);
    if (before > largest) largest = before, found = q;
  }
  return found;
}

template <class T>
void check_fprop(const Device& device, const PoolShape& s, uint32_t seed) {
  const std::string what = named<T>("bnrelu_maxpool_fprop") + " of " + s.map.text();
  Random random(seed);
  const Map to = pooled(s.map);
  Tensor<T> x(s.map.pixels(), s.channels, Tensor<T>::Use::kRead),
      y(to.pixels(), s.channels, Tensor<T>::Use::kWritten, s.wider);
  x.draw(random, 0.3, 1.5);
  x.upload();
  y.upload();
  const Normalization norm(x, 0, random);
  const ExactSums sums(2 * s.channels);
  launch(device, named<T>("bnrelu_maxpool_fprop"), {s.blocks, 1, 256},
         Words()
             .add(y.address(), sums.address(), x.address(), y.pitch, x.pitch, s.map.images, s.map.height, s.map.width)
             .add(to.height, to.width, norm.forward()),
         tiles_of(to.pixels(), 256 / planes<T>(s)));
  std::vector<Expected> expected;
  for (int64_t p = 0; p < y.pixels; p++) {
    for (int64_t c = 0; c < s.channels; c++) {
      const int64_t q = chosen(s.map, x, norm, p, c);
      Expected e;
      if (q >= 0) e.add(norm.before(x.at(q, c), c), 0, norm.wrong(x.at(q, c), c));
      expected.push_back(e.stored(kRounding<T>));
    }
  }
  y.expect(expected, what);
  norm.expect_statistics(what);
  y.download(what);
  sums.expect(statistics(y), what);
}

template <class T>
void check_dgrad(const Device& device, const PoolShape& s, uint32_t seed) {
  const std::string what = named<T>("bnrelu_maxpool_dgrad") + " of " + s.map.text();
  Random random(seed);
  const Map from = pooled(s.map);
  using Use = typename Tensor<T>::Use;
  Tensor<T> x(s.map.pixels(), s.channels, Use::kRead), to(s.map.pixels(), s.channels, Use::kWritten),
      y(from.pixels(), s.channels, Use::kRead, s.wider), gy(from.pixels(), s.channels, Use::kRead, s.wider);
  for (Tensor<T>* each : {&x, &y, &gy}) each->draw(random, 0.2, 1.2);
  const Normalization norm(&x, random);
  const Correction correction(y, random);
  const ExactSums sums(2 * s.channels);
  for (Tensor<T>* each : {&x, &to, &y, &gy}) each->upload();
  launch(device, named<T>("bnrelu_maxpool_dgrad"), {s.blocks, 1, 256},
         Words()
             .add(to.address(), sums.address(), gy.address(), y.address(), x.address(), to.pitch, gy.pitch, y.pitch)
             .add(x.pitch, s.channels, s.map.images, s.map.height, s.map.width, from.height, from.width)
             .add(correction.words(), norm.reader()),
         from.images * tiles_of(from.height, 14) * tiles_of(from.width, 256 / planes<T>(s) - 1));
  std::vector<Expected> expected(static_cast<size_t>(x.pixels * s.channels)), of_x(static_cast<size_t>(2 * s.channels));
  for (int64_t p = 0; p < y.pixels; p++) {
    for (int64_t c = 0; c < s.channels; c++) {
      const int64_t q = chosen(s.map, x, norm, p, c);
      if (q < 0) continue;
      const double dy = correction.dy(gy.at(p, c), y.at(p, c), c), wrong = correction.wrong(gy.at(p, c), y.at(p, c), c);
      const double from_mean = x.at(q, c) - norm.moments.mean[static_cast<size_t>(c)];
      expected[static_cast<size_t>(q * s.channels + c)].add(norm.gamma[c] * dy, 1e-6, std::abs(norm.gamma[c]) * wrong);
      of_x[static_cast<size_t>(2 * c)].add(dy, 1e-6, wrong);
      of_x[static_cast<size_t>(2 * c + 1)].add(dy * from_mean, 1e-5, wrong * std::abs(from_mean));
    }
  }
  for (Expected& e : expected) e = e.stored(kRounding<T>);
  to.expect(expected, what);
  sums.expect(of_x, what);
  correction.expect_parameters(what);
}

}  // namespace

void test_bnrelu_maxpool(const Device& device) {
  uint32_t seed = 700;
  for (const PoolShape& s : kPools) {
    check_fprop<Bf16>(device, s, seed++);
    check_fprop<float>(device, s, seed++);
    check_dgrad<Bf16>(device, s, seed++);
    check_dgrad<float>(device, s, seed++);
  }
}

}  // namespace kernels_test
