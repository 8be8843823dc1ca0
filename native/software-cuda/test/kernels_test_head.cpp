#include "kernels_test_tiles.h"

namespace kernels_test {
namespace {

struct HeadShape {
  int64_t images, pixels, channels, classes;
  unsigned blocks;
};

constexpr HeadShape kHeads[] = {{1, 1, 7, 3, 1},    {2, 1, 33, 10, 1},  {3, 64, 130, 11, 2}, {1, 49, 600, 5, 1},
                                {11, 3, 67, 131, 2}, {17, 5, 9, 274, 2}, {1, 4, 34, 129, 1}};

template <class T>
void check_fprop(const Device& device, const HeadShape& s, uint32_t seed) {
  const std::string what = named<T>("head_fprop") + " of " + std::to_string(s.channels) + " channels";
  Random random(seed);
  Tensor<T> x(s.images * s.pixels, s.channels, Tensor<T>::Use::kRead, 19);
  x.draw(random, 0.3, 1.5);
  x.upload();
  const Normalization norm(x, s.channels / 2, random);
  const Channels w(s.classes * s.channels, random, 0, 0.3), bias(s.classes, random, 0, 1);
  const Channels logits(std::vector<double>(static_cast<size_t>(s.images * s.classes), NAN));
  const Channels pooled(std::vector<double>(static_cast<size_t>(s.images * s.channels), NAN));
  const int64_t together = s.classes > 128 ? 8 : 1;
  launch(device, named<T>("head_fprop"), {s.blocks, static_cast<unsigned>((s.classes + 127) / 128), 256},
         Words()
             .add(logits.address(), pooled.address(), x.address(), w.address(), bias.address(), x.pitch, s.pixels)
             .add(s.images, s.classes, together, norm.forward()),
         tiles_of(s.images, together));
  std::vector<Expected> means, of_classes;
  for (int64_t i = 0; i < s.images; i++) {
    for (int64_t c = 0; c < s.channels; c++) {
      Expected e;
      for (int64_t p = 0; p < s.pixels; p++) {
        const double a = std::max(0.0, norm.before(x.at(i * s.pixels + p, c), c));
        const double wrong = norm.wrong(x.at(i * s.pixels + p, c), c);
        e.add(a / static_cast<double>(s.pixels), 1e-6, wrong / static_cast<double>(s.pixels));
      }
      means.push_back(e);
    }
    for (int64_t k = 0; k < s.classes; k++) {
      Expected e;
      e.add(bias[k], 1e-6);
      for (int64_t c = 0; c < s.channels; c++) {
        const double weight = w[k * s.channels + c];
        const Expected& mean = means[static_cast<size_t>(i * s.channels + c)];
        e.add(mean.value * weight, 1e-6, mean.tolerance() * std::abs(weight));
      }
      of_classes.push_back(e);
    }
  }
  pooled.expect(means, what + ", pooled");
  logits.expect(of_classes, what + ", logits");
  norm.expect_statistics(what);
}

template <class T>
void check_dgrad(const Device& device, const HeadShape& s, uint32_t seed) {
  const std::string what = named<T>("head_dgrad") + " of " + std::to_string(s.channels) + " channels";
  Random random(seed);
  Tensor<T> x(s.images * s.pixels, s.channels, Tensor<T>::Use::kRead, 19);
  Tensor<T> to(s.images * s.pixels, s.channels, Tensor<T>::Use::kWritten, 11);
  x.draw(random, 0.2, 1.2);
  const Normalization norm(&x, random);
  x.upload();
  to.upload();
  const Channels w(s.classes * s.channels, random, 0, 0.3), dlogits(s.images * s.classes, random, 0, 1);
  const ExactSums sums(2 * s.channels);
  launch(device, named<T>("head_dgrad"), {s.blocks, static_cast<unsigned>((s.channels + 63) / 64), 256, 0},
         Words()
             .add(to.address(), sums.address(), x.address(), w.address(), dlogits.address(), to.pitch, x.pitch)
             .add(s.channels, s.pixels, s.images, s.classes, norm.reader()),
         tiles_of(s.images, 8));
  std::vector<Expected> expected, of_x(static_cast<size_t>(2 * s.channels));
  for (int64_t p = 0; p < x.pixels; p++) {
    for (int64_t c = 0; c < s.channels; c++) {
      Expected dx;
      for (int64_t k = 0; norm.before(x.at(p, c), c) > 0 && k < s.classes; k++) {
        const double product = dlogits[p / s.pixels * s.classes + k] * w[k * s.channels + c];
        dx.add(product / static_cast<double>(s.pixels), 1e-6);
      }
      const double from_mean = x.at(p, c) - norm.moments.mean[static_cast<size_t>(c)];
      Expected e;
      e.add(norm.gamma[c] * dx.value, 1e-6, std::abs(norm.gamma[c]) * dx.tolerance());
      expected.push_back(e.stored(kRounding<T>));
      of_x[static_cast<size_t>(2 * c)].add(dx.value, 1e-6, dx.tolerance());
      of_x[static_cast<size_t>(2 * c + 1)].add(dx.value * from_mean, 1e-5, std::abs(from_mean) * dx.tolerance());
    }
  }
  to.expect(expected, what);
  sums.expect(of_x, what);
}

}  // namespace

void test_head(const Device& device) {
  uint32_t seed = 800;
  for (const HeadShape& s : kHeads) {
    check_fprop<Bf16>(device, s, seed++);
    check_fprop<float>(device, s, seed++);
    check_dgrad<Bf16>(device, s, seed++);
    check_dgrad<float>(device, s, seed++);
  }
}

}  // namespace kernels_test
