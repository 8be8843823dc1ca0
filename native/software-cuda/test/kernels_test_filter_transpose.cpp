#include "kernels_test.h"

namespace kernels_test {
namespace {

void transpose(const Device& device, int64_t filters, int64_t rows, int64_t columns) {
  const int64_t size = rows * columns, count = filters * size;
  const std::vector<float> from = normal(static_cast<size_t>(count), 14);
  std::vector<float> to(from.size());
  for (int64_t f = 0; f < filters; f++) {
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t c = 0; c < columns; c++) {
        to[static_cast<size_t>(f * size + c * rows + r)] = from[static_cast<size_t>(f * size + r * columns + c)];
      }
    }
  }
  const Memory<float> source(from), target(std::vector<float>(from.size(), kNaN)),
      back(std::vector<float>(from.size(), kNaN));
  const std::string what = "dn_filter_transpose of " + std::to_string(filters) + " x " + std::to_string(rows) + " x " +
                           std::to_string(columns);
  device.launch("dn_filter_transpose", count, target.at(), source.at(), filters, rows, columns);
  target.expect(to, what);
  device.launch("dn_filter_transpose", count, back.at(), target.at(), filters, columns, rows);
  back.expect(from, what + " and back");
}

}  // namespace

void test_filter_transpose(const Device& device) {
  transpose(device, 1, 1, 1);
  transpose(device, 12, 48, 9);
  transpose(device, 24, 3, 9);
  transpose(device, 5, 13, 49);
  transpose(device, 7, 207, 1);
  transpose(device, 3, 7, 7);
  transpose(device, 1, 1000, 9);
}

}  // namespace kernels_test
