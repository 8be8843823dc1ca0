// What algorithms there are for a convolution, what they need and how fast the heuristics expect them to be.
#include "convolution_search.h"

using namespace software_cudnn;

namespace {

cudnnStatus_t most_results(const char* function, cudnnHandle_t handle, Direction direction, int* count) {
  return call(function, [&] {
    require_pointers(handle, count);
    *count = most_results(direction);
  });
}

template <class Result>
void search(Direction direction, const Convolution& convolution, int requested, int* returned, Result* results) {
  require_results(requested, returned, results);
  deliver(expected<Result>(direction, convolution), requested, returned, results);
}

void workspace_size(Direction direction, int algorithm, const Convolution& convolution, size_t* size) {
  require_pointers(size);
  require_algorithm(direction, algorithm, convolution);
  *size = workspace_bytes(direction, algorithm, convolution);
}

}  // namespace

cudnnStatus_t cudnnGetConvolutionForwardAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
  return most_results(__func__, handle, Direction::kForward, count);
}

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                     cudnnFilterDescriptor_t w_desc,
                                                     cudnnConvolutionDescriptor_t desc,
                                                     cudnnTensorDescriptor_t y_desc, int requested, int* returned,
                                                     cudnnConvolutionFwdAlgoPerf_t* results) {
  return call(__func__, [&] {
    require_pointers(handle);
    search(Direction::kForward, convolution(x_desc, w_desc, desc, y_desc), requested, returned, results);
  });
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                      cudnnFilterDescriptor_t w_desc,
                                                      cudnnConvolutionDescriptor_t desc,
                                                      cudnnTensorDescriptor_t y_desc, cudnnConvolutionFwdAlgo_t algo,
                                                      size_t* size) {
  return call(__func__, [&] {
    require_pointers(handle);
    workspace_size(Direction::kForward, algo, convolution(x_desc, w_desc, desc, y_desc), size);
  });
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
  return most_results(__func__, handle, Direction::kBackwardData, count);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                          cudnnTensorDescriptor_t dy_desc,
                                                          cudnnConvolutionDescriptor_t desc,
                                                          cudnnTensorDescriptor_t dx_desc, int requested,
                                                          int* returned, cudnnConvolutionBwdDataAlgoPerf_t* results) {
  return call(__func__, [&] {
    require_pointers(handle);
    search(Direction::kBackwardData, convolution(dx_desc, w_desc, desc, dy_desc), requested, returned, results);
  });
}

cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                           cudnnTensorDescriptor_t dy_desc,
                                                           cudnnConvolutionDescriptor_t desc,
                                                           cudnnTensorDescriptor_t dx_desc,
                                                           cudnnConvolutionBwdDataAlgo_t algo, size_t* size) {
  return call(__func__, [&] {
    require_pointers(handle);
    workspace_size(Direction::kBackwardData, algo, convolution(dx_desc, w_desc, desc, dy_desc), size);
  });
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
  return most_results(__func__, handle, Direction::kBackwardFilter, count);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                            cudnnTensorDescriptor_t dy_desc,
                                                            cudnnConvolutionDescriptor_t desc,
                                                            cudnnFilterDescriptor_t dw_desc, int requested,
                                                            int* returned,
                                                            cudnnConvolutionBwdFilterAlgoPerf_t* results) {
  return call(__func__, [&] {
    require_pointers(handle);
    search(Direction::kBackwardFilter, convolution(x_desc, dw_desc, desc, dy_desc), requested, returned, results);
  });
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                             cudnnTensorDescriptor_t dy_desc,
                                                             cudnnConvolutionDescriptor_t desc,
                                                             cudnnFilterDescriptor_t dw_desc,
                                                             cudnnConvolutionBwdFilterAlgo_t algo, size_t* size) {
  return call(__func__, [&] {
    require_pointers(handle);
    workspace_size(Direction::kBackwardFilter, algo, convolution(x_desc, dw_desc, desc, dy_desc), size);
  });
}
