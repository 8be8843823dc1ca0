#include <array>

#include "kernels_test.h"

namespace kernels_test {
namespace {

using Words = std::array<uint32_t, 4>;

// Philox4x32-10 as the paper states it: in each round, two products, whose halves change places.
Words philox(Words counter, uint32_t key0, uint32_t key1) {
  for (uint32_t round = 0; round < 10; round++) {
    const uint64_t left = uint64_t{0xD2511F53} * counter[0], right = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(right >> 32) ^ counter[1] ^ (key0 + round * 0x9E3779B9u),
               static_cast<uint32_t>(right),
               static_cast<uint32_t>(left >> 32) ^ counter[3] ^ (key1 + round * 0xBB67AE85u),
               static_cast<uint32_t>(left)};
  }
  return counter;
}

// The known answers that Random123 is published with.
void check_philox() {
  constexpr uint32_t kOnes = 0xFFFFFFFF;
  if (philox({0, 0, 0, 0}, 0, 0) != Words{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8} ||
      philox({kOnes, kOnes, kOnes, kOnes}, kOnes, kOnes) != Words{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD} ||
      philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, 0xA4093822, 0x299F31D0) !=
          Words{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}) {
    fail("the test's own Philox does not give the known answers");
  }
}

struct Mask {
  dn_control control;
  int64_t layer;
  double rate;

  float factor(int64_t element) const {
    const uint64_t quad = static_cast<uint64_t>(element) / 4, seed = static_cast<uint64_t>(control.seed);
    const uint64_t high = static_cast<uint64_t>(control.step) * 65536 + static_cast<uint64_t>(layer);
    const Words words = philox({static_cast<uint32_t>(quad), static_cast<uint32_t>(quad >> 32),
                                static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)},
                               static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
    const bool keeps = words[static_cast<size_t>(element % 4)] >= static_cast<uint32_t>(rate * 4294967296.0);
    return keeps ? static_cast<float>(1.0 / (1.0 - rate)) : 0.0f;
  }
};

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
