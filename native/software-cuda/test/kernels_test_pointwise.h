// The backward pass of y = w mean(relu(bn(x))) over windows of one or of 2x2 pixels: operands, and what must come out.
#ifndef DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_POINTWISE_H
#define DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_POINTWISE_H

#include "kernels_test_tiles.h"

namespace kernels_test {

template <class T>
struct PointwiseCase {
  // size: of gradients.
  PointwiseCase(const Map& of_x, const Map& of_y, int64_t in, int64_t out, bool accumulates, int64_t blocks,
                uint32_t seed, double size = 1)
      : map(of_x),
        made(of_y),
        accumulate(accumulates),
        random(seed),
        rows(out <= 48 && of_x.width == of_y.width ? 48 : round_up(out, 128)),
        x(of_x.pixels(), in, Tensor<T>::Use::kRead, 19),
        s(of_x.pixels(), in, Tensor<T>::Use::kWritten, 11),
        y(of_y.pixels(), out, Tensor<T>::Use::kRead),
        gy(of_y.pixels(), out, Tensor<T>::Use::kRead),
        w(out, in, 1, round_up(in, 4 * kVector<T>) / kVector<T>, rows, random),
        norm(&drawn(x), random),
        correction(drawn(y), random, size),
        hand_over(norm, of_x.pixels(), accumulates, random),
        x_sums(2 * in),
        partials(blocks, out * in) {
    gy.draw(random, 0.2 * size, 1.2 * size);
    if (accumulate) drawn(s);
    for (Tensor<T>* each : {&x, &s, &y, &gy}) each->upload();
  }

  // The pixels of x in the window of a pixel of y.
  std::vector<int64_t> window(int64_t pixel) const {
    if (made.width == map.width) return {pixel};
    const int64_t column = pixel % made.width, row = pixel / made.width % made.height,
                  image = pixel / made.width / made.height;
    const int64_t first = (image * map.height + 2 * row) * map.width + 2 * column;
    return {first, first + 1, first + map.width, first + map.width + 1};
  }

  void expect_data(const std::string& what) const {
    std::vector<Expected> of_s(static_cast<size_t>(x.pixels * x.channels)), sums(static_cast<size_t>(2 * x.channels));
    for (int64_t p = 0; accumulate && p < x.pixels; p++) {
      for (int64_t c = 0; c < x.channels; c++) of_s[static_cast<size_t>(p * x.channels + c)].add(s.at(p, c), 1e-7);
    }
    for (int64_t p = 0; p < y.pixels; p++) {
      const std::vector<int64_t> of = window(p);
      for (int64_t c = 0; c < x.channels; c++) {
        const Expected da = of_a(p, c, static_cast<double>(of.size()));
        for (int64_t q : of) add(of_s, sums, da, q, c);
      }
    }
    for (Expected& e : of_s) e = e.stored(kRounding<T>);
    s.expect(of_s, what);
    x_sums.expect(sums, what);
    hand_over.expect(what);
    correction.expect_parameters(what);
  }

  void expect_weights(const std::string& what) const {
    std::vector<Expected> dw(static_cast<size_t>(y.channels * x.channels));
    for (int64_t p = 0; p < y.pixels; p++) {
      const std::vector<int64_t> of = window(p);
      for (int64_t c = 0; c < x.channels; c++) {
        double a = 0, of_a_wrong = 0;
        for (int64_t q : of) {
          a += std::max(0.0, norm.before(x.at(q, c), c)) / static_cast<double>(of.size());
          of_a_wrong += norm.wrong(x.at(q, c), c) / static_cast<double>(of.size());
        }
        for (int64_t o = 0; o < y.channels; o++) {
          const double dy = correction.dy(gy.at(p, o), y.at(p, o), o),
                       wrong = correction.wrong(gy.at(p, o), y.at(p, o), o);
          dw[static_cast<size_t>(o * x.channels + c)].add(dy * a, 2 * kRounding<T>,
                                                          wrong * a + of_a_wrong * std::abs(dy));
        }
      }
    }
    partials.expect(dw, what);
  }

  const Map map, made;
  const bool accumulate;
  Random random;
  const int64_t rows;
  Tensor<T> x, s, y, gy;
  Weights<T> w;
  Normalization norm;
  Correction correction;
  HandOver hand_over;
  ExactSums x_sums;
  Partials partials;

 private:
  Tensor<T>& drawn(Tensor<T>& tensor) {
    tensor.draw(random, 0.2, 1.2);
    return tensor;
  }

  Expected of_a(int64_t pixel, int64_t channel, double window_pixels) const {
    Expected da;
    for (int64_t o = 0; o < y.channels; o++) {
      const double dy = correction.dy(gy.at(pixel, o), y.at(pixel, o), o), weight = w.at(o, channel);
      const double wrong = correction.wrong(gy.at(pixel, o), y.at(pixel, o), o);
      da.add(dy * weight / window_pixels, kRounding<T>, wrong * std::abs(weight));
    }
    return da;
  }

  void add(std::vector<Expected>& of_s, std::vector<Expected>& sums, const Expected& da, int64_t pixel,
           int64_t c) const {
    const double from_mean = x.at(pixel, c) - norm.moments.mean[static_cast<size_t>(c)], wrong = da.tolerance();
    if (norm.before(x.at(pixel, c), c) <= 0) return;
    of_s[static_cast<size_t>(pixel * x.channels + c)].add(norm.gamma[c] * da.value, 1e-6,
                                                          std::abs(norm.gamma[c]) * wrong);
    sums[static_cast<size_t>(2 * c)].add(da.value, 1e-6, wrong);
    sums[static_cast<size_t>(2 * c + 1)].add(da.value * from_mean, 1e-5, std::abs(from_mean) * wrong);
  }
};

// By two kernels, STEM_data and STEM_weights.
template <class T>
void check_pointwise(const Device& device, const std::string& stem, const Map& map, const Map& made, int64_t in,
                     int64_t out, bool accumulate, unsigned blocks, uint32_t seed) {
  const std::string what =
      stem + " of " + map.text() + ", " + std::to_string(in) + " to " + std::to_string(out) + " channels";
  PointwiseCase<T> c(map, made, in, out, accumulate, blocks, seed);
  const auto chunks = [](int64_t channels) { return static_cast<unsigned>((channels + 63) / 64); };
  const Words words =
      Words()
          .add(c.s.address(), c.x_sums.address(), c.partials.address(), c.gy.address(), c.y.address(), c.x.address())
          .add(c.w.address(), c.s.pitch, c.gy.pitch, c.y.pitch, c.x.pitch, c.rows, in, out, map.images, map.height)
          .add(map.width, accumulate, 0, c.correction.words(), c.norm.reader(), c.hand_over.words());
  const int64_t tiles = tiles_of(made.pixels(), 64);
  launch(device, named<T>(stem + "_data"), {blocks, sizeof(T) == 2 ? (chunks(in) + 1) / 2 : chunks(in), 128}, words,
         tiles);
  launch(device, named<T>(stem + "_weights"), {blocks, chunks(in) * chunks(out), 128}, words, tiles);
  c.expect_data(what + (sizeof(T) == 4 ? ", float32" : ""));
  c.expect_weights(what + (sizeof(T) == 4 ? ", float32" : ""));
}

}  // namespace kernels_test
#endif
