#include "kernels_test.h"

namespace kernels_test {
namespace {

void append(const Device& device, const Shape& shape, const Layout& to, const Layout& from) {
  const auto [pixels, channels] = shape;
  Slice x(pixels, channels, from), y(pixels, channels, to);
  x.fill(pixels, channels, 1);
  const Memory<float> source(x.values), target(y.values);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < channels; c++) y.at(p, c) = x.at(p, c);
  }
  const std::string what = name("dn_concat_append", shape, to, from);
  device.launch("dn_concat_append", pixels * channels, target.at(y.offset), y.pitch, source.at(x.offset), x.pitch,
                pixels, channels);
  target.expect(y.values, what);
  source.expect(x.values, what + ", its source");
}

void split(const Device& device, const Shape& shape, const Layout& to, const Layout& from, int64_t accumulate) {
  const auto [pixels, channels] = shape;
  Slice dy(pixels, channels, from), dx(pixels, channels, to);
  dy.fill(pixels, channels, 2);
  if (accumulate != 0) dx.fill(pixels, channels, 3);
  const Memory<float> source(dy.values), target(dx.values);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < channels; c++) dx.at(p, c) = accumulate != 0 ? dx.at(p, c) + dy.at(p, c) : dy.at(p, c);
  }
  device.launch("dn_concat_split", pixels * channels, target.at(dx.offset), dx.pitch, source.at(dy.offset), dy.pitch,
                pixels, channels, accumulate);
  target.expect(dx.values, name("dn_concat_split", shape, to, from) + (accumulate != 0 ? ", accumulating" : ""));
}

// From one slice of a buffer to its neighbour.
void append_within(const Device& device, int64_t pixels, int64_t channels) {
  Slice buffer(pixels, channels, {channels + 3, 1});
  buffer.fill(pixels, channels, 4);
  const Memory<float> memory(buffer.values);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < channels; c++) buffer.at(p, channels + c) = buffer.at(p, c);
  }
  device.launch("dn_concat_append", pixels * channels, memory.at(buffer.offset + channels), buffer.pitch,
                memory.at(buffer.offset), buffer.pitch, pixels, channels);
  memory.expect(buffer.values, "dn_concat_append within a buffer of " + std::to_string(channels) + " channels");
}

}  // namespace

void test_concat(const Device& device) {
  each_case([&](const Shape& shape, const Layout& to, const Layout& from) {
    append(device, shape, to, from);
    split(device, shape, to, from, 0);
    split(device, shape, to, from, 1);
  });
  for (int64_t channels : {7, 12}) append_within(device, 50, channels);
}

}  // namespace kernels_test
