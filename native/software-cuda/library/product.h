// The product of two packed matrices in float: what convolutions and cuBLAS come down to.
#ifndef DENSENET4J_SOFTWARE_CUDA_PRODUCT_H
#define DENSENET4J_SOFTWARE_CUDA_PRODUCT_H

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace software_cuda {

namespace product {

constexpr int64_t kRows = 4, kColumns = 8, kDepth = 256;

using Four = float __attribute__((vector_size(16)));

inline Four load(const float* from) {
  Four four;
  std::memcpy(&four, from, sizeof four);
  return four;
}

// A full tile of c, its sums in registers.
inline void tile(float* c, int64_t c_pitch, const float* a, int64_t a_pitch, const float* b, int64_t b_pitch,
                 int64_t depth) {
  Four sum[kRows][2] = {};
  for (int64_t k = 0; k < depth; k++) {
    const Four left = load(b + k * b_pitch), right = load(b + k * b_pitch + 4);
    for (int64_t i = 0; i < kRows; i++) {
      const float x = a[i * a_pitch + k];
      const Four factor = {x, x, x, x};
      sum[i][0] += factor * left;
      sum[i][1] += factor * right;
    }
  }
  for (int64_t i = 0; i < kRows; i++) {
    for (int64_t j = 0; j < kColumns; j++) c[i * c_pitch + j] += sum[i][j / 4][j % 4];
  }
}

// A tile at the edge of c, its columns in memory order.
inline void edge(float* c, int64_t c_pitch, const float* a, int64_t a_pitch, const float* b, int64_t b_pitch,
                 int64_t rows, int64_t columns, int64_t depth) {
  for (int64_t i = 0; i < rows; i++) {
    float sum[kColumns] = {};
    for (int64_t k = 0; k < depth; k++) {
      for (int64_t j = 0; j < columns; j++) sum[j] += a[i * a_pitch + k] * b[k * b_pitch + j];
    }
    for (int64_t j = 0; j < columns; j++) c[i * c_pitch + j] += sum[j];
  }
}

}  // namespace product

// c (rows, columns) += a (rows, depth) . b (depth, columns), all row by row. Products are summed in blocks of the depth
// that are the same for every element of c.
inline void add_product(float* c, const float* a, const float* b, int64_t rows, int64_t columns, int64_t depth) {
  using namespace product;
  for (int64_t k = 0; k < depth; k += kDepth) {
    const int64_t block = std::min(kDepth, depth - k);
    for (int64_t j = 0; j < columns; j += kColumns) {
      for (int64_t i = 0; i < rows; i += kRows) {
        float* to = c + i * columns + j;
        const float *left = a + i * depth + k, *right = b + k * columns + j;
        const int64_t high = std::min(kRows, rows - i), wide = std::min(kColumns, columns - j);
        if (high == kRows && wide == kColumns) {
          tile(to, columns, left, depth, right, columns, block);
        } else {
          edge(to, columns, left, depth, right, columns, high, wide, block);
        }
      }
    }
  }
}

}  // namespace software_cuda
#endif
