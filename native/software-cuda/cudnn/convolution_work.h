// A convolution to be run.
#ifndef DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_WORK_H
#define DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_WORK_H

#include <atomic>

#include "call.h"
#include "convolution_algorithms.h"
#include "densenet4j_software_cuda.h"

namespace software_cudnn {

struct ConvolutionWork {
  Convolution convolution;
  Blend blend;
  software_cuda::Address x, w, y;  // or their gradients
  software_cuda::Address workspace;
  size_t workspace_bytes;
  bool deterministic;

  float* map_x() const { return Tensor{convolution.x, x}.map(); }
  float* map_w() const { return Tensor{convolution.w, w}.map(); }
  float* map_y() const { return Tensor{convolution.y, y}.map(); }
};

// Checks algorithm and workspace. A function may be told to refuse an algorithm that it has offered.
inline ConvolutionWork convolution_work(const char* function, Direction direction, int algorithm,
                                        const Convolution& convolution, const Blend& blend, const void* x,
                                        const void* w, const void* y,
                                        const void* workspace, size_t bytes) {
  require_algorithm(direction, algorithm, convolution);
  require_support(dn_software_cuda_refused(function) != algorithm, "the setting refuse asks for it");
  require_workspace(direction, algorithm, convolution, workspace, bytes);
  return {convolution,
          blend,
          software_cuda::address(x),
          software_cuda::address(w),
          software_cuda::address(y),
          software_cuda::address(workspace),
          workspace_bytes(direction, algorithm, convolution),
          deterministic(direction, algorithm)};
}

// Whether this run of a non-deterministic algorithm sums the other way round: every other run does.
inline bool sums_backwards(const ConvolutionWork& work) {
  static std::atomic<unsigned> runs{0};
  return !work.deterministic && runs++ % 2 != 0;
}

}  // namespace software_cudnn
#endif
