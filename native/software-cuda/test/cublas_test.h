// What the tests of cuBLAS's stand-in share: a handle.
#ifndef DENSENET4J_SOFTWARE_CUDA_CUBLAS_TEST_H
#define DENSENET4J_SOFTWARE_CUDA_CUBLAS_TEST_H

#include <cstdlib>

#include "cublas_abi.h"
#include "library_test.h"

namespace cublas_test {

using library_test::Buffer;
using library_test::random_floats;

class Handle {
 public:
  Handle() { OK(cublasCreate_v2(&handle_)); }
  ~Handle() {
    if (cublasDestroy_v2(handle_) != CUBLAS_STATUS_SUCCESS) std::abort();
  }
  Handle(const Handle&) = delete;
  operator cublasHandle_t() const { return handle_; }

 private:
  cublasHandle_t handle_ = nullptr;
};

inline constexpr float kZero = 0, kOne = 1;

}  // namespace cublas_test
#endif
