// Copies as the API describes them.
#ifndef DENSENET4J_SOFTWARE_CUDA_TRANSFER_H
#define DENSENET4J_SOFTWARE_CUDA_TRANSFER_H

#include <cuda.h>

#include "operation.h"

namespace software_cuda {

// Checked. Throw Failure.
Copy copy_of(const CUDA_MEMCPY3D& parameters);
Copy copy_of(const CUDA_MEMCPY2D& parameters);

}  // namespace software_cuda
#endif
