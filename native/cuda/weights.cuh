// The weights of all convolutions at once, by a table: a row of it says where the values of one tensor are and go.
#ifndef DENSENET4J_CUDA_WEIGHTS_CUH
#define DENSENET4J_CUDA_WEIGHTS_CUH

#include <cstdint>

namespace dn {

// The last row that begins at `at` or before; rows are ordered, and the first begins at 0.
template <class Row>
__device__ __forceinline__ const Row& row_of(const Row* rows, int64_t count, int64_t at) {
  int64_t first = 0, last = count - 1;
  while (first < last) {
    const int64_t middle = (first + last + 1) / 2;
    if (rows[middle].first <= at) {
      first = middle;
    } else {
      last = middle - 1;
    }
  }
  return rows[first];
}

}  // namespace dn
#endif
