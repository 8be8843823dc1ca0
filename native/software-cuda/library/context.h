// The CUDA context that a library's calls belong to.
#ifndef DENSENET4J_SOFTWARE_CUDA_CONTEXT_H
#define DENSENET4J_SOFTWARE_CUDA_CONTEXT_H

#include <cuda.h>

namespace software_cuda {

// This thread's, or null if it has none.
inline CUcontext current_context() {
  CUcontext current = nullptr;
  return cuCtxGetCurrent(&current) == CUDA_SUCCESS ? current : nullptr;
}

}  // namespace software_cuda
#endif
