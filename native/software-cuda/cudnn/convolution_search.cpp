// What algorithms there are for a convolution, what they need and how fast the heuristics expect them to be. Finding
// without the caller's memory runs nothing: the heuristics answer that too.
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
cudnnStatus_t search(const char* function, cudnnHandle_t handle, Direction direction, cudnnTensorDescriptor_t x_desc,
                     cudnnFilterDescriptor_t w_desc, cudnnConvolutionDescriptor_t desc, cudnnTensorDescriptor_t y_desc,
                     int requested, int* returned, Result* results) {
  return call(function, [&] {
    require_pointers(handle);
    const Convolution checked = convolution(x_desc, w_desc, desc, y_desc);
    require_results(requested, returned, results);
    deliver(expected<Result>(direction, checked), requested, returned, results);
  });
}

cudnnStatus_t workspace_size(const char* function, cudnnHandle_t handle, Direction direction,
                             cudnnTensorDescriptor_t x_desc, cudnnFilterDescriptor_t w_desc,
                             cudnnConvolutionDescriptor_t desc, cudnnTensorDescriptor_t y_desc, int algorithm,
                             size_t* size) {
  return call(function, [&] {
    require_pointers(handle);
    const Convolution checked = convolution(x_desc, w_desc, desc, y_desc);
    require_pointers(size);
    require_algorithm(direction, algorithm, checked);
    *size = workspace_bytes(direction, algorithm, checked);
  });
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
  return search(__func__, handle, Direction::kForward, x_desc, w_desc, desc, y_desc, requested, returned, results);
}

cudnnStatus_t cudnnFindConvolutionForwardAlgorithm(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                   cudnnFilterDescriptor_t w_desc, cudnnConvolutionDescriptor_t desc,
                                                   cudnnTensorDescriptor_t y_desc, int requested, int* returned,
                                                   cudnnConvolutionFwdAlgoPerf_t* results) {
  return search(__func__, handle, Direction::kForward, x_desc, w_desc, desc, y_desc, requested, returned, results);
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                      cudnnFilterDescriptor_t w_desc,
                                                      cudnnConvolutionDescriptor_t desc,
                                                      cudnnTensorDescriptor_t y_desc, cudnnConvolutionFwdAlgo_t algo,
                                                      size_t* size) {
  return workspace_size(__func__, handle, Direction::kForward, x_desc, w_desc, desc, y_desc, algo, size);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithmMaxCount(cudnnHandle_t handle, int* count) {
  return most_results(__func__, handle, Direction::kBackwardData, count);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                          cudnnTensorDescriptor_t dy_desc,
                                                          cudnnConvolutionDescriptor_t desc,
                                                          cudnnTensorDescriptor_t dx_desc, int requested,
                                                          int* returned, cudnnConvolutionBwdDataAlgoPerf_t* results) {
  return search(__func__, handle, Direction::kBackwardData, dx_desc, w_desc, desc, dy_desc, requested, returned,
                results);
}

cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithm(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                        cudnnTensorDescriptor_t dy_desc,
                                                        cudnnConvolutionDescriptor_t desc,
                                                        cudnnTensorDescriptor_t dx_desc, int requested, int* returned,
                                                        cudnnConvolutionBwdDataAlgoPerf_t* results) {
  return search(__func__, handle, Direction::kBackwardData, dx_desc, w_desc, desc, dy_desc, requested, returned,
                results);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(cudnnHandle_t handle, cudnnFilterDescriptor_t w_desc,
                                                           cudnnTensorDescriptor_t dy_desc,
                                                           cudnnConvolutionDescriptor_t desc,
                                                           cudnnTensorDescriptor_t dx_desc,
                                                           cudnnConvolutionBwdDataAlgo_t algo, size_t* size) {
  return workspace_size(__func__, handle, Direction::kBackwardData, dx_desc, w_desc, desc, dy_desc, algo, size);
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
  return search(__func__, handle, Direction::kBackwardFilter, x_desc, dw_desc, desc, dy_desc, requested, returned,
                results);
}

cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithm(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                          cudnnTensorDescriptor_t dy_desc,
                                                          cudnnConvolutionDescriptor_t desc,
                                                          cudnnFilterDescriptor_t dw_desc, int requested,
                                                          int* returned, cudnnConvolutionBwdFilterAlgoPerf_t* results) {
  return search(__func__, handle, Direction::kBackwardFilter, x_desc, dw_desc, desc, dy_desc, requested, returned,
                results);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(cudnnHandle_t handle, cudnnTensorDescriptor_t x_desc,
                                                             cudnnTensorDescriptor_t dy_desc,
                                                             cudnnConvolutionDescriptor_t desc,
                                                             cudnnFilterDescriptor_t dw_desc,
                                                             cudnnConvolutionBwdFilterAlgo_t algo, size_t* size) {
  return workspace_size(__func__, handle, Direction::kBackwardFilter, x_desc, dw_desc, desc, dy_desc, algo, size);
}
