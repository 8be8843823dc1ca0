#include "kernels_test.h"

namespace kernels_test {
namespace {

struct Placement {
  int32_t dy, dx, flip;
};

// The values of an image: whole, normalised, flipped if so wanted; then the crop, 0 beyond the image.
void place(std::vector<float>& y, const std::vector<uint8_t>& x, const std::vector<float>& table,
           const Placement& placement, int64_t n, int64_t size, int64_t channels) {
  std::vector<float> image(static_cast<size_t>(size * size * channels));
  const auto index = [&](int64_t r, int64_t c, int64_t k) {
    return static_cast<size_t>((r * size + c) * channels + k);
  };
  for (int64_t r = 0; r < size; r++) {
    for (int64_t c = 0; c < size; c++) {
      for (int64_t k = 0; k < channels; k++) {
        const uint8_t level = x[static_cast<size_t>(n) * image.size() + index(r, c, k)];
        image[index(r, placement.flip != 0 ? size - 1 - c : c, k)] = table[static_cast<size_t>(k * 256 + level)];
      }
    }
  }
  for (int64_t r = 0; r < size; r++) {
    for (int64_t c = 0; c < size; c++) {
      const int64_t row = r + placement.dy, column = c + placement.dx;
      const bool inside = row >= 0 && row < size && column >= 0 && column < size;
      for (int64_t k = 0; k < channels; k++) {
        y[static_cast<size_t>(n) * image.size() + index(r, c, k)] = inside ? image[index(row, column, k)] : 0.0f;
      }
    }
  }
}

void normalize(const Device& device, const std::vector<Placement>& placements, int64_t size, int64_t channels) {
  const int64_t batch = static_cast<int64_t>(placements.size());
  std::mt19937 engine(16);
  std::vector<uint8_t> x(static_cast<size_t>(batch * size * size * channels));
  for (uint8_t& level : x) level = static_cast<uint8_t>(engine());
  std::vector<float> table, y(x.size(), kNaN);
  for (int64_t k = 0; k < channels; k++) {
    for (int level = 0; level < 256; level++) {
      table.push_back(static_cast<float>((level - (120.3 + static_cast<double>(k))) / (60.7 - static_cast<double>(k))));
    }
  }
  std::vector<int32_t> packed;
  for (const Placement& placement : placements) {
    packed.insert(packed.end(), {placement.dy, placement.dx, placement.flip});
  }
  const Memory<float> target(y), on_device(table);
  const Memory<uint8_t> source(x, 1);
  const Memory<int32_t> places(packed);
  for (int64_t n = 0; n < batch; n++) place(y, x, table, placements[static_cast<size_t>(n)], n, size, channels);
  device.launch("dn_input_normalize", batch * size * size * channels, target.at(), source.at(), places.at(),
                on_device.at(), batch, size, channels);
  target.expect(y, "dn_input_normalize of " + std::to_string(batch) + " images of " + std::to_string(size) + " x " +
                       std::to_string(size) + " x " + std::to_string(channels));
}

}  // namespace

void test_input_normalize(const Device& device) {
  normalize(device, {{0, 0, 0}, {0, 0, 1}, {-4, 4, 0}, {4, -4, 1}, {3, 1, 1}, {-1, -2, 0}}, 32, 3);
  normalize(device, {{1, -1, 1}, {-5, 0, 0}, {0, 5, 1}, {0, 9, 0}, {-9, 0, 1}}, 5, 1);
  normalize(device, {{0, 0, 0}, {1, 0, 0}, {0, -1, 1}}, 1, 4);
  normalize(device, {{2, 3, 1}}, 13, 7);
}

}  // namespace kernels_test
