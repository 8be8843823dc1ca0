#include "kernels_test_bottleneck.h"

namespace kernels_test {
namespace {

constexpr size_t kMost = 32, kWords = 10;  // layers of a launch, and what it has of each

struct Case {
  Map map;
  int64_t in, bottleneck, growth;
  size_t layers;
  int64_t wider, first;  // where the features lie
};

// Whole images and a few pixels, slices that begin in the middle of planes, prefixes of several slots and of more
// channels than a block has threads.
constexpr Case kNarrowCases[] = {{{1, 1, 1}, 12, 48, 12, 3, 20, 8}, {{3, 8, 8}, 36, 48, 12, 4, 0, 0},
                                 {{2, 7, 7}, 49, 40, 7, 3, 16, 8},  {{1, 4, 6}, 120, 48, 16, 3, 0, 0},
                                 {{1, 1, 2}, 1030, 48, 12, 2, 0, 0}};
constexpr Case kWideCases[] = {{{2, 7, 7}, 130, 128, 32, 3, 8, 8}, {{1, 8, 8}, 60, 49, 17, 2, 24, 16},
                               {{1, 3, 20}, 24, 96, 32, 2, 0, 0}};
constexpr Case kNarrowFloatCases[] = {{{2, 8, 8}, 36, 48, 12, 2, 0, 0}, {{1, 7, 7}, 49, 40, 7, 3, 8, 4},
                                      {{1, 2, 2}, 120, 12, 3, 2, 4, 4}};

template <class T>
void check(const Device& device, const std::string& stem, const PackedRows& rows, const Case& s, uint32_t seed) {
  const std::string what = named<T>(stem) + " of " + s.map.text() + ", " + std::to_string(s.layers) + " layers of " +
                           std::to_string(s.in) + " to " + std::to_string(s.bottleneck) + " to " +
                           std::to_string(s.growth) + " channels from " + std::to_string(s.first);
  Random random(seed);
  const int64_t pixels = s.map.pixels();
  const auto channels = [&](size_t layer) { return s.in + static_cast<int64_t>(layer) * s.growth; };
  Tensor<T> features(pixels, channels(s.layers), Tensor<T>::Use::kRead, s.wider, s.first);
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < s.in; c++) features.set(p, c, random.normal(0.3, 1.5));
  }
  features.upload();

  std::vector<std::unique_ptr<BottleneckLayer<T>>> layers;
  Words of_layers;
  for (size_t i = 0; i < s.layers; i++) {
    Tensor<T> like(12, channels(i), Tensor<T>::Use::kRead);
    like.draw(random, 0.3, 3);
    layers.push_back(std::make_unique<BottleneckLayer<T>>(like, s.bottleneck, s.growth, rows, random));
    const BottleneckLayer<T>& layer = *layers.back();
    of_layers.add(layer.w1.address(), layer.w2.address()).add(layer.norm.reader(), layer.z_norm.reader());
  }
  for (size_t i = 0; i < (kMost - s.layers) * kWords; i++) of_layers.add(0);
  const int64_t bits = kVector<T> | features.offset | features.pitch | s.in | s.growth;
  launch(device, named<T>(stem), {static_cast<unsigned>(s.map.images), 1, 256},
         Words()
             .add(features.address(), features.pitch, s.in, s.growth, bits & -bits, s.bottleneck, rows.z,
                  layers[0]->w2_planes, rows.y, s.map.height, s.map.width, 0, static_cast<int64_t>(s.layers))
             .add(of_layers));

  // Each layer's y of what the kernel has made of the layers before.
  const std::vector<double> found = features.stored(what);
  std::vector<Expected> expected(found.size());
  const auto at = [&](int64_t p, int64_t c) { return static_cast<size_t>(p * features.channels + c); };
  for (int64_t p = 0; p < pixels; p++) {
    for (int64_t c = 0; c < s.in; c++) expected[at(p, c)].value = features.at(p, c);
  }
  for (size_t i = 0; i < s.layers; i++) {
    const std::vector<Expected> y =
        layers[i]->expected(s.map, [&](int64_t p, int64_t c) { return found[at(p, c)]; });
    for (int64_t p = 0; p < pixels; p++) {
      for (int64_t k = 0; k < s.growth; k++) {
        expected[at(p, channels(i) + k)] = y[static_cast<size_t>(p * s.growth + k)];
      }
    }
  }
  features.expect(expected, what);
}

}  // namespace

void test_bottleneck_infer_layers(const Device& device) {
  uint32_t seed = 950;
  for (const Case& s : kNarrowCases) check<Bf16>(device, "bottleneck_infer_layers_48", kNarrowRows, s, seed++);
  for (const Case& s : kWideCases) check<Bf16>(device, "bottleneck_infer_layers_128", kWideRows, s, seed++);
  for (const Case& s : kNarrowFloatCases) check<float>(device, "bottleneck_infer_layers_48", kNarrowRows, s, seed++);
}

}  // namespace kernels_test
