// Trying the algorithms of a convolution out. Without the caller's memory nothing is run: the heuristics answer.
#include <cuda.h>

#include <chrono>

#include "convolution_search.h"

using namespace software_cudnn;

namespace {

template <class Result>
void find(Direction direction, const Convolution& convolution, int requested, int* returned, Result* results) {
  require_results(requested, returned, results);
  deliver(expected<Result>(direction, convolution), requested, returned, results);
}

cudnnStatus_t finished(const cudnnContext& handle) {
  return cuStreamSynchronize(static_cast<CUstream>(handle.stream)) == CUDA_SUCCESS ? CUDNN_STATUS_SUCCESS
                                                                                   : CUDNN_STATUS_INTERNAL_ERROR;
}

// Runs `run` (a descriptor, an algorithm) for all that can do it with that much workspace, and measures.
template <class Result, class Run>
void try_out(const cudnnContext& handle, Direction direction, const Convolution& convolution,
             const cudnnConvolutionStruct& desc, size_t workspace, std::vector<Result>& found, const Run& run) {
  found = expected<Result>(direction, convolution);
  require(finished(handle) == CUDNN_STATUS_SUCCESS, CUDNN_STATUS_EXECUTION_FAILED, "the stream cannot be waited for");
  for (Result& result : found) {
    if (result.status != CUDNN_STATUS_SUCCESS) continue;
    result.time = -1;
    result.status = CUDNN_STATUS_ALLOC_FAILED;
    if (result.memory > workspace) continue;
    cudnnConvolutionStruct with_math = desc;
    with_math.math = result.mathType;
    const auto start = std::chrono::steady_clock::now();
    result.status = run(&with_math, result.algo);
    if (result.status == CUDNN_STATUS_SUCCESS) result.status = finished(handle);
    if (result.status != CUDNN_STATUS_SUCCESS) continue;
    result.time = std::chrono::duration<float, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
}

}  // namespace

cudnnStatus_t cudnnFindConvolutionForwardAlgorithm(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                   cudnnFilterDescriptor_t w_desc, cudnnConvolutionDescriptor_t desc,
                                                   cudnnTensorDescriptor_t y_desc, int requested, int* returned,
                                                   cudnnConvolutionFwdAlgoPerf_t* results) {
  return call(__func__, [&] {
    require_pointers(handle);
    find(Direction::kForward, convolution(x_desc, w_desc, desc, y_desc), requested, returned, results);
  });
}

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
    const float one = 1, zero = 0;
    const auto run = [&](cudnnConvolutionDescriptor_t with_math, cudnnConvolutionFwdAlgo_t algo) {
      return cudnnConvolutionForward(handle, &one, x_desc, x, w_desc, w, with_math, algo, workspace,
                                     workspace_bytes, &zero, y_desc, y);
    };
    std::vector<cudnnConvolutionFwdAlgoPerf_t> found;
    try_out(*handle, Direction::kForward, checked, *desc, workspace_bytes, found, run);
    deliver(found, requested, returned, results);
  });
}

cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithm(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                        cudnnTensorDescriptor_t dy_desc,
                                                        cudnnConvolutionDescriptor_t desc,
                                                        cudnnTensorDescriptor_t dx_desc, int requested, int* returned,
                                                        cudnnConvolutionBwdDataAlgoPerf_t* results) {
  return call(__func__, [&] {
    require_pointers(handle);
    find(Direction::kBackwardData, convolution(dx_desc, w_desc, desc, dy_desc), requested, returned, results);
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
    const float one = 1, zero = 0;
    const auto run = [&](cudnnConvolutionDescriptor_t with_math, cudnnConvolutionBwdDataAlgo_t algo) {
      return cudnnConvolutionBackwardData(handle, &one, w_desc, w, dy_desc, dy, with_math, algo, workspace,
                                     workspace_bytes, &zero, dx_desc, dx);
    };
    std::vector<cudnnConvolutionBwdDataAlgoPerf_t> found;
    try_out(*handle, Direction::kBackwardData, checked, *desc, workspace_bytes, found, run);
    deliver(found, requested, returned, results);
  });
}

cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithm(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                          cudnnTensorDescriptor_t dy_desc,
                                                          cudnnConvolutionDescriptor_t desc,
                                                          cudnnFilterDescriptor_t dw_desc, int requested,
                                                          int* returned, cudnnConvolutionBwdFilterAlgoPerf_t* results) {
  return call(__func__, [&] {
    require_pointers(handle);
    find(Direction::kBackwardFilter, convolution(x_desc, dw_desc, desc, dy_desc), requested, returned, results);
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
    const float one = 1, zero = 0;
    const auto run = [&](cudnnConvolutionDescriptor_t with_math, cudnnConvolutionBwdFilterAlgo_t algo) {
      return cudnnConvolutionBackwardFilter(handle, &one, x_desc, x, dy_desc, dy, with_math, algo, workspace,
                                     workspace_bytes, &zero, dw_desc, dw);
    };
    std::vector<cudnnConvolutionBwdFilterAlgoPerf_t> found;
    try_out(*handle, Direction::kBackwardFilter, checked, *desc, workspace_bytes, found, run);
    deliver(found, requested, returned, results);
  });
}
