// The library itself, and products with vectors: increments of either sign, factors on host and device.
#include <cmath>

#include "cublas_test.h"

using namespace cublas_test;

namespace {

// The i-th of n elements that BLAS finds with that increment.
size_t element(int i, int n, int increment) {
  return static_cast<size_t>(increment > 0 ? i * increment : (i - n + 1) * increment);
}

std::vector<float> vector_of(int n, int increment, uint32_t seed) {
  return random_floats(static_cast<size_t>((n - 1) * std::abs(increment) + 1), seed);
}

void library() {
  cublasHandle_t handle;
  OK(cublasCreate_v2(&handle));
  int version, major, minor, patch;
  OK(cublasGetVersion_v2(handle, &version));
  OK(cublasGetProperty(MAJOR_VERSION, &major));
  OK(cublasGetProperty(MINOR_VERSION, &minor));
  OK(cublasGetProperty(PATCH_LEVEL, &patch));
  CHECK(major == 13 && version == major * 10000 + minor * 100 + patch);
  CHECK(std::string(cublasGetStatusName(CUBLAS_STATUS_INVALID_VALUE)) == "CUBLAS_STATUS_INVALID_VALUE");
  CHECK(std::string(cublasGetStatusString(CUBLAS_STATUS_SUCCESS)) == "success");
  cudaStream_t stream;
  OK(cublasSetStream_v2(handle, reinterpret_cast<cudaStream_t>(&version)));
  OK(cublasGetStream_v2(handle, &stream));
  CHECK(stream == reinterpret_cast<cudaStream_t>(&version));
  OK(cublasDestroy_v2(handle));
  CHECK_CODE(cublasDestroy_v2(nullptr), CUBLAS_STATUS_NOT_INITIALIZED);
  OK(cuCtxSetCurrent(nullptr));
  cublasHandle_t other;
  CHECK_CODE(cublasCreate_v2(&other), CUBLAS_STATUS_NOT_INITIALIZED);
}

void check_matrix_by_vector(const Handle& handle, cublasOperation_t operation, int incx, int incy, float beta) {
  const int m = 7, n = 5, pitch = 9;
  const float alpha = 0.5f;
  const bool transposed = operation != CUBLAS_OP_N;
  const int in = transposed ? m : n, out = transposed ? n : m;
  const std::vector<float> a = random_floats(pitch * n, 1), x = vector_of(in, incx, 2), y = vector_of(out, incy, 3);
  const Buffer a_device(a), x_device(x), y_device(y);
  OK(cublasSgemv_v2(handle, operation, m, n, &alpha, a_device.device(), pitch, x_device.device(), incx, &beta,
                    y_device.device(), incy));
  const std::vector<float> found = y_device.read();
  std::vector<bool> written(found.size());
  for (int i = 0; i < out; i++) {
    double sum = 0;
    for (int j = 0; j < in; j++) {
      sum += double{transposed ? a[i * pitch + j] : a[j * pitch + i]} * x[element(j, in, incx)];
    }
    const size_t at = element(i, out, incy);
    CHECK_NEAR(found[at], alpha * sum + (beta == 0 ? 0 : beta * y[at]), 1e-5);
    written[at] = true;
  }
  for (size_t i = 0; i < found.size(); i++) CHECK(written[i] || found[i] == y[i]);
}

void matrix_by_vector() {
  const Handle handle;
  for (cublasOperation_t operation : {CUBLAS_OP_N, CUBLAS_OP_T, CUBLAS_OP_C}) {
    for (int incx : {1, 2, -1, -3}) {
      for (int incy : {1, 3, -2}) {
        check_matrix_by_vector(handle, operation, incx, incy, 0);
        check_matrix_by_vector(handle, operation, incx, incy, -2);
      }
    }
  }
  const Buffer nan(std::vector<float>(1, NAN)), one(std::vector<float>(1, 1.0f));
  OK(cublasSgemv_v2(handle, CUBLAS_OP_N, 1, 1, &kOne, one.device(), 1, one.device(), 1, &kZero, nan.device(), 1));
  CHECK(nan.read()[0] == 1);
}

void sums_of_vectors() {
  const Handle handle;
  const int n = 6;
  const Buffer factor(std::vector<float>(1, 3.0f));
  for (int incx : {1, 2, -2}) {
    for (int incy : {1, -1, 3}) {
      const std::vector<float> x = vector_of(n, incx, 1), y = vector_of(n, incy, 2);
      const Buffer x_device(x), y_device(y);
      OK(cublasSetPointerMode_v2(handle, CUBLAS_POINTER_MODE_DEVICE));
      OK(cublasSaxpy_v2(handle, n, factor.device(), x_device.device(), incx, y_device.device(), incy));
      const std::vector<float> found = y_device.read();
      for (int i = 0; i < n; i++) {
        const size_t at = element(i, n, incy);
        CHECK_NEAR(found[at], 3 * double{x[element(i, n, incx)]} + y[at], 1e-5);
      }
      OK(cublasSetPointerMode_v2(handle, CUBLAS_POINTER_MODE_HOST));
      OK(cublasSscal_v2(handle, 2, &kZero, y_device.device(), 3));
      CHECK(y_device.read()[0] == 0 && y_device.read()[3] == 0 && y_device.read()[1] == found[1]);
    }
  }
}

void wrong_arguments() {
  const Handle handle;
  const Buffer memory(std::vector<float>(16, 1.0f));
  float* p = memory.device();
  const auto multiply = [&](int m, int n, int lda, int incx, int incy) {
    return cublasSgemv_v2(handle, CUBLAS_OP_N, m, n, &kOne, p, lda, p, incx, &kZero, p, incy);
  };
  CHECK_CODE(multiply(-1, 1, 1, 1, 1), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply(4, 1, 3, 1, 1), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply(1, 1, 1, 0, 1), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply(1, 1, 1, 1, 0), CUBLAS_STATUS_INVALID_VALUE);
  OK(multiply(0, 1, 1, 1, 1));
  CHECK_CODE(cublasSaxpy_v2(handle, 1, nullptr, p, 1, p, 1), CUBLAS_STATUS_INVALID_VALUE);
  OK(cublasSaxpy_v2(handle, 0, &kOne, p, 1, p, 1));
  CHECK_CODE(cublasSscal_v2(handle, 1, &kOne, nullptr, 1), CUBLAS_STATUS_INVALID_VALUE);
  OK(cublasSscal_v2(handle, 1, &kOne, nullptr, 0));
  CHECK_CODE(cublasSetPointerMode_v2(handle, static_cast<cublasPointerMode_t>(2)), CUBLAS_STATUS_INVALID_VALUE);
}

}  // namespace

int main() {
  return library_test::run_tests({{"library", library},
                                  {"matrix_by_vector", matrix_by_vector},
                                  {"sums_of_vectors", sums_of_vectors},
                                  {"wrong_arguments", wrong_arguments}});
}
