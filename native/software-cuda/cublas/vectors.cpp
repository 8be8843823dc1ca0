// y = alpha * op(A) * x + beta * y, y = alpha * x + y, x = alpha * x
#include <vector>

#include "call.h"

using namespace software_cublas;

namespace {

struct GemvWork {
  Factor alpha, beta;
  software_cuda::Address a;
  int64_t rows, columns, pitch;
  bool transposed;
  Vector x, y;
};

void gemv(const GemvWork& work) {
  const Blend blend = {work.alpha.read(), work.beta.read()};
  std::vector<float> sums(static_cast<size_t>(work.y.count));
  if (blend.alpha != 0) {
    const float* a = software_cuda::device_memory<float>(
        work.a, static_cast<size_t>((work.columns - 1) * work.pitch + work.rows));
    const float* x = work.x.map();
    for (int64_t j = 0; j < work.columns; j++) {
      for (int64_t i = 0; i < work.rows; i++) {
        const float value = a[j * work.pitch + i];
        if (work.transposed) {
          sums[j] += value * x[i * work.x.increment];
        } else {
          sums[i] += value * x[j * work.x.increment];
        }
      }
    }
  }
  float* y = work.y.map();
  for (int64_t i = 0; i < work.y.count; i++) blend(y + i * work.y.increment, sums[i]);
}

struct AxpyWork {
  Factor alpha;
  Vector x, y;
};

void axpy(const AxpyWork& work) {
  const float alpha = work.alpha.read();
  if (alpha == 0) return;
  const float* x = work.x.map();
  float* y = work.y.map();
  for (int64_t i = 0; i < work.y.count; i++) y[i * work.y.increment] += alpha * x[i * work.x.increment];
}

struct ScalWork {
  Factor alpha;
  Vector x;
};

void scal(const ScalWork& work) {
  const float alpha = work.alpha.read();
  float* x = work.x.map();
  for (int64_t i = 0; i < work.x.count; i++) x[i * work.x.increment] *= alpha;
}

}  // namespace

cublasStatus_t cublasSgemv_v2(cublasHandle_t handle, cublasOperation_t trans, int m, int n, const float* alpha,
                              const float* a, int lda, const float* x, int incx, const float* beta, float* y,
                              int incy) {
  const char* function = __func__;
  return call(handle, [&] {
    require_value(is_operation(trans) && m >= 0 && n >= 0 && lda >= std::max(1, m) && incx != 0 && incy != 0);
    const Factor left(*handle, alpha), right(*handle, beta);
    if (m == 0 || n == 0) return;
    require_value(a != nullptr && x != nullptr && y != nullptr);
    const bool transposed = trans != CUBLAS_OP_N;
    enqueue<gemv>(*handle, function,
                  GemvWork{left,
                           right,
                           software_cuda::address(a),
                           m,
                           n,
                           lda,
                           transposed,
                           {software_cuda::address(x), transposed ? m : n, incx},
                           {software_cuda::address(y), transposed ? n : m, incy}});
  });
}

cublasStatus_t cublasSaxpy_v2(cublasHandle_t handle, int n, const float* alpha, const float* x, int incx, float* y,
                              int incy) {
  const char* function = __func__;
  return call(handle, [&] {
    const Factor factor(*handle, alpha);
    if (n <= 0) return;
    require_value(x != nullptr && y != nullptr);
    enqueue<axpy>(*handle, function,
                  AxpyWork{factor, {software_cuda::address(x), n, incx}, {software_cuda::address(y), n, incy}});
  });
}

cublasStatus_t cublasSscal_v2(cublasHandle_t handle, int n, const float* alpha, float* x, int incx) {
  const char* function = __func__;
  return call(handle, [&] {
    const Factor factor(*handle, alpha);
    if (n <= 0 || incx <= 0) return;
    require_value(x != nullptr);
    enqueue<scal>(*handle, function, ScalWork{factor, {software_cuda::address(x), n, incx}});
  });
}
