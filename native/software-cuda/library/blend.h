// How a result meets what was there: the same in cuDNN and in cuBLAS.
#ifndef DENSENET4J_SOFTWARE_CUDA_BLEND_H
#define DENSENET4J_SOFTWARE_CUDA_BLEND_H

namespace software_cuda {

// new = alpha * value + beta * old, where an old value does not matter if beta is 0.
struct Blend {
  float alpha, beta;

  void operator()(float* to, float value) const { *to = beta == 0 ? alpha * value : alpha * value + beta * *to; }
};

}  // namespace software_cuda
#endif
