// C = alpha * op(A) * op(B) + beta * C. A library of NVIDIA's takes workspace for this: the caller's, or memory of its
// own, also while a stream is captured. Here only the caller's workspace shows: it is scribbled over.
#include <vector>

#include "call.h"
#include "product.h"
#include "tf32.h"

using namespace software_cublas;

namespace {

struct Matrix {
  software_cuda::Address address;
  int64_t rows, columns, pitch, batch_stride;
  bool transposed;  // rows and columns are those in memory

  float* map(int64_t batch) const {
    const auto at = address + static_cast<software_cuda::Address>(batch * batch_stride) * sizeof(float);
    return software_cuda::device_memory<float>(at, static_cast<size_t>((columns - 1) * pitch + rows));
  }
};

struct Work {
  Matrix a, b, c;
  int64_t depth, batches;
  Factor alpha, beta;
  bool tf32;
  software_cuda::Address workspace;
  size_t workspace_bytes;
};

// op(matrix)^T row by row: its row r is column r of the matrix in memory, or row r if that is transposed.
std::vector<float> packed(const Matrix& matrix, int64_t batch, bool tf32) {
  const float* from = matrix.map(batch);
  std::vector<float> rows;
  rows.reserve(static_cast<size_t>(matrix.rows * matrix.columns));
  if (matrix.transposed) {
    for (int64_t i = 0; i < matrix.rows; i++) {
      for (int64_t j = 0; j < matrix.columns; j++) rows.push_back(from[j * matrix.pitch + i]);
    }
  } else {
    for (int64_t j = 0; j < matrix.columns; j++) {
      rows.insert(rows.end(), from + j * matrix.pitch, from + j * matrix.pitch + matrix.rows);
    }
  }
  if (tf32) software_cuda::round_to_tf32(rows.data(), static_cast<int64_t>(rows.size()));
  return rows;
}

// The product is taken of the transposes: C's columns are rows of op(B)^T * op(A)^T.
void multiply(const Work& work, int64_t batch, const Blend& blend) {
  const int64_t m = work.c.rows, n = work.c.columns;
  std::vector<float> sums(static_cast<size_t>(m * n));
  if (blend.alpha != 0 && work.depth > 0) {
    const std::vector<float> left = packed(work.b, batch, work.tf32);
    const std::vector<float> right = packed(work.a, batch, work.tf32);
    software_cuda::add_product(sums.data(), left.data(), right.data(), n, m, work.depth);
  }
  software_cuda::scribble(work.workspace, work.workspace_bytes);
  float* c = work.c.map(batch);
  for (int64_t j = 0; j < n; j++) {
    for (int64_t i = 0; i < m; i++) blend(c + j * work.c.pitch + i, sums[j * m + i]);
  }
}

void run(const Work& work) {
  const Blend blend = {work.alpha.read(), work.beta.read()};
  software_cuda::scribble(work.workspace, work.workspace_bytes);
  for (int64_t batch = 0; batch < work.batches; batch++) multiply(work, batch, blend);
}

// op(matrix) has these rows and columns.
Matrix operand(const void* data, cublasOperation_t operation, int64_t rows, int64_t columns, int64_t pitch,
               int64_t batch_stride) {
  require_value(is_operation(operation) && rows >= 0 && columns >= 0);
  const bool transposed = operation != CUBLAS_OP_N;
  if (transposed) std::swap(rows, columns);
  require_value(pitch >= std::max<int64_t>(1, rows));
  return {software_cuda::address(data), rows, columns, pitch, batch_stride, transposed};
}

struct Operand {
  const void* data;
  int pitch;
  int64_t batch_stride;
};

void gemm(const cublasContext& handle, const char* function, cublasOperation_t transa, cublasOperation_t transb, int m,
          int n, int k, const void* alpha, const Operand& a, const Operand& b, const void* beta, const Operand& c,
          int batches, bool tf32) {
  require_value(batches >= 0);
  Work work = {operand(a.data, transa, m, k, a.pitch, a.batch_stride),
               operand(b.data, transb, k, n, b.pitch, b.batch_stride),
               operand(c.data, CUBLAS_OP_N, m, n, c.pitch, c.batch_stride),
               k,
               batches,
               Factor(handle, alpha),
               Factor(handle, beta),
               tf32,
               handle.workspace,
               0};
  if (m == 0 || n == 0 || batches == 0) return;
  require_value(c.data != nullptr && (k == 0 || (a.data != nullptr && b.data != nullptr)));
  const size_t result_bytes = static_cast<size_t>(m) * static_cast<size_t>(n) * sizeof(float);
  work.workspace_bytes = std::min(handle.workspace_bytes, result_bytes);
  enqueue<run>(handle, function, work);
}

bool math_is_tf32(const cublasContext& handle) {
  return (handle.math & ~CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION) == CUBLAS_TF32_TENSOR_OP_MATH;
}

bool is_algorithm(cublasGemmAlgo_t algo) {
  return (algo >= CUBLAS_GEMM_DEFAULT && algo <= CUBLAS_GEMM_ALGO23) ||
         (algo >= CUBLAS_GEMM_DEFAULT_TENSOR_OP && algo <= CUBLAS_GEMM_ALGO15_TENSOR_OP) ||
         algo == CUBLAS_GEMM_AUTOTUNE;
}

}  // namespace

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                              int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                              const float* beta, float* c, int ldc) {
  const char* function = __func__;
  return call(handle, [&] {
    gemm(*handle, function, transa, transb, m, n, k, alpha, {a, lda, 0}, {b, ldb, 0}, beta, {c, ldc, 0}, 1,
         math_is_tf32(*handle));
  });
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                            int k, const void* alpha, const void* a, cudaDataType a_type, int lda, const void* b,
                            cudaDataType b_type, int ldb, const void* beta, void* c, cudaDataType c_type, int ldc,
                            cublasComputeType_t compute_type, cublasGemmAlgo_t algo) {
  const char* function = __func__;
  return call(handle, [&] {
    require_value(is_algorithm(algo));
    require(a_type == CUDA_R_32F && b_type == CUDA_R_32F && c_type == CUDA_R_32F, CUBLAS_STATUS_NOT_SUPPORTED);
    require(compute_type == CUBLAS_COMPUTE_32F || compute_type == CUBLAS_COMPUTE_32F_PEDANTIC ||
                compute_type == CUBLAS_COMPUTE_32F_FAST_TF32,
            CUBLAS_STATUS_NOT_SUPPORTED);
    const bool tf32 = compute_type == CUBLAS_COMPUTE_32F_FAST_TF32 ||
                      (compute_type == CUBLAS_COMPUTE_32F && math_is_tf32(*handle));
    gemm(*handle, function, transa, transb, m, n, k, alpha, {a, lda, 0}, {b, ldb, 0}, beta, {c, ldc, 0}, 1, tf32);
  });
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
                                         int m, int n, int k, const float* alpha, const float* a, int lda,
                                         long long int stride_a, const float* b, int ldb, long long int stride_b,
                                         const float* beta, float* c, int ldc, long long int stride_c, int batches) {
  const char* function = __func__;
  return call(handle, [&] {
    gemm(*handle, function, transa, transb, m, n, k, alpha, {a, lda, stride_a}, {b, ldb, stride_b}, beta,
         {c, ldc, stride_c}, batches, math_is_tf32(*handle));
  });
}
