// How a plain convolution is computed.
#ifndef DENSENET4J_CPU_CONVOLUTION_H
#define DENSENET4J_CPU_CONVOLUTION_H

#include <cstdint>

namespace dn {

enum class Way {
  kRows,    // 1x1: a row of channels a pixel
  kBands,   // 3x3 with stride 1: bands of rows
  kWindows  // all others: a window a pixel
};

inline Way way_of(int64_t kernel, int64_t stride, int64_t padding) {
  if (stride == 1 && kernel == 1 && padding == 0) return Way::kRows;
  return stride == 1 && kernel == 3 && padding == 1 ? Way::kBands : Way::kWindows;
}

}  // namespace dn
#endif
