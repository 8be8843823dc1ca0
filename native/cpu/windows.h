// The windows of a 3x3 max pool with stride 2 and padding 1.
#ifndef DENSENET4J_CPU_WINDOWS_H
#define DENSENET4J_CPU_WINDOWS_H

#include <algorithm>

#include "densenet4j.h"

namespace dn {

struct Window {
  int64_t top, bottom, left, right; // [top, bottom) x [left, right), clipped to the image
};

class Windows {
 public:
  explicit Windows(const dn_extent& extent) : extent_(extent) {}

  int64_t height() const { return (extent_.height - 1) / 2 + 1; }
  int64_t width() const { return (extent_.width - 1) / 2 + 1; }

  Window at(int64_t row, int64_t column) const {
    return {std::max<int64_t>(2 * row - 1, 0), std::min(2 * row + 2, extent_.height),
            std::max<int64_t>(2 * column - 1, 0), std::min(2 * column + 2, extent_.width)};
  }

 private:
  dn_extent extent_;
};

}  // namespace dn
#endif
