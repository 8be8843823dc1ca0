#include "kernels_test_mask.h"

namespace kernels_test {
namespace {

// The known answers that Random123 is published with.
void check_philox() {
  constexpr uint32_t kOnes = 0xFFFFFFFF;
  if (philox({0, 0, 0, 0}, 0, 0) != RandomWords{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8} ||
      philox({kOnes, kOnes, kOnes, kOnes}, kOnes, kOnes) != RandomWords{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD} ||
      philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, 0xA4093822, 0x299F31D0) !=
          RandomWords{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}) {
    fail("the test's own Philox does not give the known answers");
  }
}

void drop(const Device& device, const char* kernel, const Mask& mask, const Shape& shape, const Layout& to,
          const Layout& from) {
  const auto [pixels, channels] = shape;
  Slice x(pixels, channels, from), y(pixels, channels, to);
  x.fill(pixels, channels, 5);
  const Memory<int64_t> control(words(mask.control));
  const Memory<float> source(x.values), target(y.values);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < channels; c++) y.at(p, c) = x.at(p, c) * mask.factor(p * channels + c);
  }
  device.launch(kernel, pixels * channels, target.at(y.offset), y.pitch, source.at(x.offset), x.pitch, control.at(),
                mask.layer, mask.rate, pixels, channels);
  target.expect(y.values, name(kernel, shape, to, from));
}

void drop_in_place(const Device& device, const char* kernel, const Mask& mask, const Shape& shape) {
  const auto [pixels, channels] = shape;
  Slice x(pixels, channels, {3, 2});
  x.fill(pixels, channels, 6);
  const Memory<int64_t> control(words(mask.control));
  const Memory<float> memory(x.values);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < channels; c++) x.at(p, c) *= mask.factor(p * channels + c);
  }
  device.launch(kernel, pixels * channels, memory.at(x.offset), x.pitch, memory.at(x.offset), x.pitch, control.at(),
                mask.layer, mask.rate, pixels, channels);
  memory.expect(x.values, std::string(kernel) + " in place");
}

}  // namespace

void test_dropout(const Device& device) {
  check_philox();
  const Mask mask = {{0.1, 0x123456789ABC, -0x123456789ABCDEF0}, 98, 0.2};
  for (const char* kernel : {"dn_dropout_fprop", "dn_dropout_dgrad"}) {
    each_case([&](const Shape& shape, const Layout& to, const Layout& from) {
      drop(device, kernel, mask, shape, to, from);
    });
    for (double rate : {0.0, 0.5, 0.999}) {
      drop(device, kernel, {{0.1, 1, 0}, 0, rate}, {9, 12}, kLayouts[0], kLayouts[0]);
    }
    for (const Shape& shape : {Shape{100, 12}, Shape{5, 7}}) drop_in_place(device, kernel, mask, shape);
  }
}

}  // namespace kernels_test
