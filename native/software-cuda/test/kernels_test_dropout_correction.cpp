#include "kernels_test_fused.h"
#include "kernels_test_mask.h"

namespace kernels_test {
namespace {

template <class T>
void check(const Device& device, const Shape& shape, double rate, uint32_t seed) {
  const auto [pixels, channels] = shape;
  const std::string kernel = named<T>("dropout_correction");
  const std::string what = kernel + " of " + std::to_string(pixels) + " pixels, " + std::to_string(channels) +
                           " channels, rate " + std::to_string(rate);
  Random random(seed);
  Tensor<T> s(pixels, channels, Tensor<T>::Use::kWritten, 19, 3), y(pixels, channels, Tensor<T>::Use::kRead, 11, 5);
  s.draw(random);
  y.draw(random, 0.3, 1.5);
  const Correction correction(y, random);
  const Mask mask = {{0.1, 0x123456789ABC, -0x123456789ABCDEF0}, 98, rate};
  const Memory<int64_t> control(words(mask.control));
  s.upload();
  y.upload();
  std::vector<Expected> expected;
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < channels; c++) {
      const double factor = mask.factor(p * channels + c);
      Expected e;
      e.add(factor * correction.dy(s.at(p, c), y.at(p, c), c), 1e-7,
            factor * correction.wrong(s.at(p, c), y.at(p, c), c));
      expected.push_back(e.stored(kRounding<T>));
    }
  }
  const auto shared = static_cast<unsigned>(16 * channels);
  launch(device, kernel, {3, 1, 256, shared},
         Words()
             .add(s.address(), y.address(), s.pitch, y.pitch, channels, pixels, uint64_t{control.at()}, mask.layer)
             .add(mask.rate)
             .add(correction.words()));
  s.expect(expected, what);
  correction.expect_parameters(what);
}

}  // namespace

void test_dropout_correction(const Device& device) {
  uint32_t seed = 950;
  for (const Shape& shape : {Shape{1, 1}, Shape{2, 7}, Shape{100, 12}, Shape{9, 600}}) {
    for (double rate : {0.2, 0.999}) {
      check<Bf16>(device, shape, rate, seed++);
      check<float>(device, shape, rate, seed++);
    }
  }
}

}  // namespace kernels_test
