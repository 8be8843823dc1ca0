// A pooling's geometry.
#ifndef DENSENET4J_SOFTWARE_CUDNN_POOLING_H
#define DENSENET4J_SOFTWARE_CUDNN_POOLING_H

#include <cstdint>

#include "descriptors.h"

namespace software_cudnn {

// The output's height (0) or width (1), not positive if the window is larger than the padded input.
inline int64_t pooled_size(const cudnnPoolingStruct& desc, const Shape& x, int axis) {
  const int64_t beyond = x.size[kH + axis] + 2 * desc.pad[axis] - desc.window[axis];
  return beyond < 0 ? 0 : beyond / desc.stride[axis] + 1;
}

}  // namespace software_cudnn
#endif
