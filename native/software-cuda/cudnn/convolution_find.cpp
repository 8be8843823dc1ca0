// Trying the algorithms of a convolution out on the caller's memory.
#include <cuda.h>

#include <chrono>
#include <utility>

#include "convolution_search.h"

using namespace software_cudnn;

namespace {

const float kOne = 1, kZero = 0;

cudnnStatus_t finished(const cudnnContext& handle) {
  return cuStreamSynchronize(static_cast<CUstream>(handle.stream)) == CUDA_SUCCESS ? CUDNN_STATUS_SUCCESS
                                                                                   : CUDNN_STATUS_INTERNAL_ERROR;
}

// Runs `run` (a descriptor, an algorithm) for all that can do it with that much workspace, and measures.
template <class Result, class Run>
void find(const cudnnContext& handle, Direction direction, const Convolution& convolution, size_t workspace,
          int requested, int* returned, Result* results, const Run& run) {
  std::vector<Result> found = expected<Result>(direction, convolution);
  require(finished(handle) == CUDNN_STATUS_SUCCESS, CUDNN_STATUS_EXECUTION_FAILED, "the stream cannot be waited for");
  for (Result& result : found) {
    if (result.status != CUDNN_STATUS_SUCCESS) continue;
    result.time = -1;
    result.status = CUDNN_STATUS_ALLOC_FAILED;
    if (result.memory > workspace) continue;
    cudnnConvolutionStruct with_math = convolution.desc;
    with_math.math = result.mathType;
    const auto start = std::chrono::steady_clock::now();
    result.status = run(&with_math, result.algo);
    if (result.status == CUDNN_STATUS_SUCCESS) result.status = finished(handle);
    if (result.status != CUDNN_STATUS_SUCCESS) continue;
    result.time = std::chrono::duration<float, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  deliver(std::move(found), requested, returned, results);
}

}  // namespace

cudnnStatus_t cudnnFindConvolutionForwardAlgorithmEx(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                     const void* x, cudnnFilterDescriptor_t w_desc, const void* w,
                                                     cudnnConvolutionDescriptor_t desc,
                                                     cudnnTensorDescriptor_t y_desc, void* y, int requested,
                                                     int* returned, cudnnConvolutionFwdAlgoPerf_t* results,
                                                     void* workspace, size_t workspace_bytes) {
  return call(__func__, [&] {
    require_pointers(handle, x, w, y);
    require_results(requested, returned, results);
    const Convolution checked = convolution(x_desc, w_desc, desc, y_desc);
    const auto run = [&](cudnnConvolutionDescriptor_t with_math, cudnnConvolutionFwdAlgo_t algo) {
      return cudnnConvolutionForward(handle, &kOne, x_desc, x, w_desc, w, with_math, algo, workspace,
                                     workspace_bytes, &kZero, y_desc, y);
    };
    find(*handle, Direction::kForward, checked, workspace_bytes, requested, returned, results, run);
  });
}

cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithmEx(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                          const void* w, cudnnTensorDescriptor_t dy_desc,
                                                          const void* dy, cudnnConvolutionDescriptor_t desc,
                                                          cudnnTensorDescriptor_t dx_desc, void* dx, int requested,
                                                          int* returned, cudnnConvolutionBwdDataAlgoPerf_t* results,
                                                          void* workspace, size_t workspace_bytes) {
  return call(__func__, [&] {
    require_pointers(handle, w, dy, dx);
    require_results(requested, returned, results);
    const Convolution checked = convolution(dx_desc, w_desc, desc, dy_desc);
    const auto run = [&](cudnnConvolutionDescriptor_t with_math, cudnnConvolutionBwdDataAlgo_t algo) {
      return cudnnConvolutionBackwardData(handle, &kOne, w_desc, w, dy_desc, dy, with_math, algo, workspace,
                                          workspace_bytes, &kZero, dx_desc, dx);
    };
    find(*handle, Direction::kBackwardData, checked, workspace_bytes, requested, returned, results, run);
  });
}

cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithmEx(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                            const void* x, cudnnTensorDescriptor_t dy_desc,
                                                            const void* dy, cudnnConvolutionDescriptor_t desc,
                                                            cudnnFilterDescriptor_t dw_desc, void* dw, int requested,
                                                            int* returned,
                                                            cudnnConvolutionBwdFilterAlgoPerf_t* results,
                                                            void* workspace, size_t workspace_bytes) {
  return call(__func__, [&] {
    require_pointers(handle, x, dy, dw);
    require_results(requested, returned, results);
    const Convolution checked = convolution(x_desc, dw_desc, desc, dy_desc);
    const auto run = [&](cudnnConvolutionDescriptor_t with_math, cudnnConvolutionBwdFilterAlgo_t algo) {
      return cudnnConvolutionBackwardFilter(handle, &kOne, x_desc, x, dy_desc, dy, with_math, algo, workspace,
                                            workspace_bytes, &kZero, dw_desc, dw);
    };
    find(*handle, Direction::kBackwardFilter, checked, workspace_bytes, requested, returned, results, run);
  });
}
