// Matrix products against sums in double, and what they refuse.
#include <cmath>

#include "cublas_test.h"

using namespace cublas_test;

namespace {

// A matrix column by column, of which the product takes `rows` x `columns` after `operation`.
struct Matrix {
  int rows, columns, pitch;
  cublasOperation_t operation;
  std::vector<float> host;
  Buffer device;

  Matrix(int rows, int columns, int gap, cublasOperation_t operation, uint32_t seed)
      : rows(rows),
        columns(columns),
        pitch((operation == CUBLAS_OP_N ? rows : columns) + gap),
        operation(operation),
        host(random_floats(static_cast<size_t>(pitch) * (operation == CUBLAS_OP_N ? columns : rows), seed)),
        device(host) {}

  size_t index(int i, int j) const {
    return operation == CUBLAS_OP_N ? i + static_cast<size_t>(j) * pitch : j + static_cast<size_t>(i) * pitch;
  }
  double at(int i, int j) const { return host[index(i, j)]; }
};

// Checks alpha * a * b + beta * c, and that the gaps of c are as they were.
void check_product(const Matrix& a, const Matrix& b, const Matrix& c, float alpha, float beta, bool tf32 = false) {
  const std::vector<float> found = c.device.read();
  std::vector<bool> written(found.size());
  const auto operand = [&](double value) {
    return tf32 ? double{library_test::rounded_to_tf32(static_cast<float>(value))} : value;
  };
  for (int j = 0; j < c.columns; j++) {
    for (int i = 0; i < c.rows; i++) {
      double sum = 0, magnitude = 0;
      for (int k = 0; k < a.columns; k++) {
        const double product = operand(a.at(i, k)) * operand(b.at(k, j));
        sum += product;
        magnitude += std::abs(product);
      }
      const double old = beta == 0 ? 0 : beta * c.at(i, j);
      CHECK_NEAR(found[c.index(i, j)], alpha * sum + old, 1e-6 * (std::abs(alpha) * magnitude + std::abs(old)) + 1e-30);
      written[c.index(i, j)] = true;
    }
  }
  for (size_t i = 0; i < found.size(); i++) CHECK(written[i] || found[i] == c.host[i]);
}

cublasStatus_t multiply(const Handle& handle, const Matrix& a, const Matrix& b, const Matrix& c, const float* alpha,
                        const float* beta) {
  return cublasSgemm_v2(handle, a.operation, b.operation, c.rows, c.columns, a.columns, alpha, a.device.device(),
                        a.pitch, b.device.device(), b.pitch, beta, c.device.device(), c.pitch);
}

const int kSizes[][3] = {{1, 1, 1}, {7, 13, 5}, {64, 10, 207}, {33, 17, 300}, {8, 4, 0}};
const cublasOperation_t kOperations[] = {CUBLAS_OP_N, CUBLAS_OP_T, CUBLAS_OP_C};

void products() {
  const Handle handle;
  for (const auto& [m, n, k] : kSizes) {
    for (cublasOperation_t transa : kOperations) {
      for (cublasOperation_t transb : kOperations) {
        for (float beta : {0.0f, 1.0f, -0.5f}) {
          const Matrix a(m, k, 3, transa, 1), b(k, n, 1, transb, 2), c(m, n, 2, CUBLAS_OP_N, 3);
          const float alpha = 0.75f;
          OK(multiply(handle, a, b, c, &alpha, &beta));
          check_product(a, b, c, alpha, beta);
        }
      }
    }
  }
}

void beta_of_zero_ignores_nan() {
  const Handle handle;
  const Matrix a(4, 5, 0, CUBLAS_OP_N, 1), b(5, 3, 0, CUBLAS_OP_N, 2), c(4, 3, 0, CUBLAS_OP_N, 3);
  c.device.write(std::vector<float>(12, NAN));
  OK(multiply(handle, a, b, c, &kOne, &kZero));
  check_product(a, b, c, 1, 0);
}

void factors_in_device_memory() {
  const Handle handle;
  const Buffer factors({2, -1});
  const Matrix a(4, 5, 0, CUBLAS_OP_N, 1), b(5, 3, 0, CUBLAS_OP_N, 2), c(4, 3, 0, CUBLAS_OP_N, 3);
  OK(cublasSetPointerMode_v2(handle, CUBLAS_POINTER_MODE_DEVICE));
  cublasPointerMode_t mode;
  OK(cublasGetPointerMode_v2(handle, &mode));
  CHECK(mode == CUBLAS_POINTER_MODE_DEVICE);
  OK(multiply(handle, a, b, c, factors.device(), factors.device() + 1));
  check_product(a, b, c, 2, -1);
}

void tf32_only_when_asked_for() {
  const Handle handle;
  const Matrix a(16, 40, 0, CUBLAS_OP_N, 1), b(40, 8, 0, CUBLAS_OP_T, 2), c(16, 8, 0, CUBLAS_OP_N, 3);
  for (cublasMath_t math : {CUBLAS_DEFAULT_MATH, CUBLAS_PEDANTIC_MATH, CUBLAS_TF32_TENSOR_OP_MATH}) {
    OK(cublasSetMathMode(handle, math));
    cublasMath_t found;
    OK(cublasGetMathMode(handle, &found));
    CHECK(found == math);
    OK(multiply(handle, a, b, c, &kOne, &kZero));
    check_product(a, b, c, 1, 0, math == CUBLAS_TF32_TENSOR_OP_MATH);
  }
  CHECK_CODE(cublasSetMathMode(handle, static_cast<cublasMath_t>(5)), CUBLAS_STATUS_INVALID_VALUE);
}

void products_with_types() {
  const Handle handle;
  const Matrix a(16, 40, 0, CUBLAS_OP_N, 1), b(40, 8, 0, CUBLAS_OP_T, 2), c(16, 8, 0, CUBLAS_OP_N, 3);
  const auto multiply_as = [&](cudaDataType type, int compute, int algorithm) {
    return cublasGemmEx(handle, a.operation, b.operation, 16, 8, 40, &kOne, a.device.device(), type, a.pitch,
                        b.device.device(), CUDA_R_32F, b.pitch, &kZero, c.device.device(), CUDA_R_32F, c.pitch,
                        static_cast<cublasComputeType_t>(compute), static_cast<cublasGemmAlgo_t>(algorithm));
  };
  OK(multiply_as(CUDA_R_32F, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
  check_product(a, b, c, 1, 0);
  OK(multiply_as(CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, CUBLAS_GEMM_DEFAULT));
  check_product(a, b, c, 1, 0, true);
  CHECK_CODE(multiply_as(CUDA_R_16F, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT), CUBLAS_STATUS_NOT_SUPPORTED);
  CHECK_CODE(multiply_as(CUDA_R_32F, 64, CUBLAS_GEMM_DEFAULT), CUBLAS_STATUS_NOT_SUPPORTED);
  CHECK_CODE(multiply_as(CUDA_R_32F, CUBLAS_COMPUTE_32F, 50), CUBLAS_STATUS_INVALID_VALUE);
}

void batches() {
  const Handle handle;
  const int m = 5, n = 4, k = 6, count = 3;
  const std::vector<float> a = random_floats(m * k * count, 1), b = random_floats(k * n, 2);
  const Buffer a_device(a), b_device(b), c_device(std::vector<float>((m * n + 2) * count, 7.0f));
  OK(cublasSgemmStridedBatched(handle, CUBLAS_OP_N, CUBLAS_OP_N, m, n, k, &kOne, a_device.device(), m, m * k,
                               b_device.device(), k, 0, &kZero, c_device.device(), m, m * n + 2, count));
  const std::vector<float> c = c_device.read();
  for (int batch = 0; batch < count; batch++) {
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int l = 0; l < k; l++) sum += double{a[batch * m * k + l * m + i]} * b[j * k + l];
        CHECK_NEAR(c[batch * (m * n + 2) + j * m + i], sum, 1e-5);
      }
    }
    CHECK(c[batch * (m * n + 2) + m * n] == 7 && c[batch * (m * n + 2) + m * n + 1] == 7);
  }
}

void workspace() {
  const Handle handle;
  const Matrix a(4, 5, 0, CUBLAS_OP_N, 1), b(5, 3, 0, CUBLAS_OP_N, 2), c(4, 3, 0, CUBLAS_OP_N, 3);
  CUdeviceptr memory;
  OK(cuMemAlloc(&memory, 1024));
  const auto set = [&](CUdeviceptr at) { return cublasSetWorkspace_v2(handle, reinterpret_cast<void*>(at), 512); };
  const auto used = [&] {
    const float one = 1;
    float first;
    OK(cuMemcpyHtoD(memory, &one, sizeof one));
    OK(multiply(handle, a, b, c, &kOne, &kZero));
    check_product(a, b, c, 1, 0);
    OK(cuMemcpyDtoH(&first, memory, sizeof first));
    return std::isnan(first);
  };
  CHECK_CODE(set(memory + 128), CUBLAS_STATUS_INVALID_VALUE);
  CHECK(!used());
  OK(set(memory));
  CHECK(used());
  OK(cublasSetStream_v2(handle, nullptr));
  CHECK(!used());
  OK(cuMemFree(memory));
}

void wrong_arguments() {
  const Handle handle;
  const Buffer memory(std::vector<float>(64, 1.0f));
  float* p = memory.device();
  const auto multiply_with = [&](int transa, int m, int n, int k, int lda, int ldb, int ldc, const float* alpha,
                                 float* c) {
    return cublasSgemm_v2(handle, static_cast<cublasOperation_t>(transa), CUBLAS_OP_N, m, n, k, alpha, p, lda, p, ldb,
                          &kZero, c, ldc);
  };
  CHECK_CODE(multiply_with(3, 2, 2, 2, 2, 2, 2, &kOne, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(0, -1, 2, 2, 2, 2, 2, &kOne, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(0, 3, 2, 2, 2, 2, 3, &kOne, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(0, 2, 2, 3, 2, 2, 2, &kOne, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(0, 2, 2, 2, 2, 2, 1, &kOne, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(1, 3, 2, 2, 1, 2, 3, &kOne, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(0, 2, 2, 2, 2, 2, 2, nullptr, p), CUBLAS_STATUS_INVALID_VALUE);
  CHECK_CODE(multiply_with(0, 2, 2, 2, 2, 2, 2, &kOne, nullptr), CUBLAS_STATUS_INVALID_VALUE);
  OK(multiply_with(0, 0, 2, 2, 1, 2, 1, &kOne, nullptr));
  CHECK_CODE(cublasSgemm_v2(nullptr, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &kOne, p, 1, p, 1, &kZero, p, 1),
             CUBLAS_STATUS_NOT_INITIALIZED);
}

void memory_that_is_not_there() {
  const Handle handle;
  CUdeviceptr small;
  OK(cuMemAlloc(&small, 64));
  float* p = reinterpret_cast<float*>(small);
  OK(cublasSgemm_v2(handle, CUBLAS_OP_N, CUBLAS_OP_N, 4, 4, 5, &kOne, p, 4, p, 5, &kZero, p, 4));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK_CODE(cublasSgemm_v2(handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &kOne, p, 1, p, 1, &kZero, p, 1),
             CUBLAS_STATUS_EXECUTION_FAILED);
}

}  // namespace

int main() {
  return library_test::run_tests({{"products", products},
                                  {"beta_of_zero_ignores_nan", beta_of_zero_ignores_nan},
                                  {"factors_in_device_memory", factors_in_device_memory},
                                  {"tf32_only_when_asked_for", tf32_only_when_asked_for},
                                  {"products_with_types", products_with_types},
                                  {"batches", batches},
                                  {"workspace", workspace},
                                  {"wrong_arguments", wrong_arguments},
                                  {"memory_that_is_not_there", memory_that_is_not_there}});
}
