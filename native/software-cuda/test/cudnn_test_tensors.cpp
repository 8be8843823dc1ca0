// The library itself, tensor descriptors, and sums, constants, factors and copies of tensors.
#include <cmath>

#include "cudnn_test.h"

using namespace cudnn_test;

namespace {

void versions() {
  CHECK(cudnnGetVersion() == 91900);
  int major, minor, patch;
  OK(cudnnGetProperty(0, &major));
  OK(cudnnGetProperty(1, &minor));
  OK(cudnnGetProperty(2, &patch));
  CHECK(cudnnGetVersion() == static_cast<size_t>(major * 10000 + minor * 100 + patch));
  CHECK_CODE(cudnnGetProperty(3, &major), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnGraphVersionCheck());
  OK(cudnnOpsVersionCheck());
  OK(cudnnCnnVersionCheck());
  OK(cudnnAdvVersionCheck());
  CHECK(std::string(cudnnGetErrorString(CUDNN_STATUS_BAD_PARAM)) == "CUDNN_STATUS_BAD_PARAM");
}

void handles() {
  cudnnHandle_t handle;
  CHECK_CODE(cudnnCreate(nullptr), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnCreate(&handle));
  cudaStream_t stream = reinterpret_cast<cudaStream_t>(&handle);
  OK(cudnnGetStream(handle, &stream));
  CHECK(stream == nullptr);
  OK(cudnnSetStream(handle, reinterpret_cast<cudaStream_t>(&handle)));
  OK(cudnnGetStream(handle, &stream));
  CHECK(stream == reinterpret_cast<cudaStream_t>(&handle));
  OK(cudnnDestroy(handle));
  CHECK_CODE(cudnnDestroy(nullptr), CUDNN_STATUS_BAD_PARAM);
}

void context_is_needed() {
  const Tensor y(Layout::nhwc(1, 1, 1, 1), 1);
  const Handle handle;
  CUcontext context;
  OK(cuCtxGetCurrent(&context));
  OK(cuCtxSetCurrent(nullptr));
  cudnnHandle_t other;
  CHECK_CODE(cudnnCreate(&other), CUDNN_STATUS_NOT_INITIALIZED);
  CHECK_CODE(cudnnSetTensor(handle, y.desc, y.device(), &kOne), CUDNN_STATUS_EXECUTION_FAILED);
  OK(cuCtxSetCurrent(context));
  OK(cudnnSetTensor(handle, y.desc, y.device(), &kOne));
}

void descriptors() {
  cudnnTensorDescriptor_t desc;
  OK(cudnnCreateTensorDescriptor(&desc));
  cudnnDataType_t type;
  int n, c, h, w, s[4];
  const auto get = [&] { return cudnnGetTensor4dDescriptor(desc, &type, &n, &c, &h, &w, s, s + 1, s + 2, s + 3); };
  CHECK_CODE(get(), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnSetTensor4dDescriptor(desc, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, 2, 3, 4, 5));
  OK(get());
  CHECK(n == 2 && c == 3 && h == 4 && w == 5 && s[0] == 60 && s[1] == 1 && s[2] == 15 && s[3] == 3);
  OK(cudnnSetTensor4dDescriptor(desc, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, 2, 3, 4, 5));
  OK(get());
  CHECK(s[0] == 60 && s[1] == 20 && s[2] == 5 && s[3] == 1);
  size_t bytes;
  OK(cudnnGetTensorSizeInBytes(desc, &bytes));
  CHECK(bytes == 120 * sizeof(float));
  OK(cudnnSetTensor4dDescriptorEx(desc, CUDNN_DATA_FLOAT, 1, 3, 1, 2, 16, 1, 16, 8));
  OK(cudnnGetTensorSizeInBytes(desc, &bytes));
  CHECK(bytes == 11 * sizeof(float));
  const auto set = [&](int format, int data_type, int size) {
    return cudnnSetTensor4dDescriptor(desc, static_cast<cudnnTensorFormat_t>(format),
                                      static_cast<cudnnDataType_t>(data_type), size, 3, 4, 5);
  };
  CHECK_CODE(set(3, 0, 2), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(set(1, 22, 2), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(set(1, 0, 0), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(set(1, 0, 1 << 30), CUDNN_STATUS_NOT_SUPPORTED);
  CHECK_CODE(cudnnSetTensor4dDescriptorEx(desc, CUDNN_DATA_FLOAT, 1, 3, 1, 2, 16, 1, -16, 8), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnDestroyTensorDescriptor(desc));
}

void other_data_types_are_refused() {
  const Handle handle;
  const Tensor y(Layout::nhwc(1, 2, 1, 1), 1);
  cudnnTensorDescriptor_t half;
  OK(cudnnCreateTensorDescriptor(&half));
  OK(cudnnSetTensor4dDescriptor(half, CUDNN_TENSOR_NHWC, CUDNN_DATA_HALF, 1, 2, 1, 1));
  CHECK_CODE(cudnnScaleTensor(handle, half, y.device(), &kOne), CUDNN_STATUS_NOT_SUPPORTED);
  CHECK(last_error() == "cudnnScaleTensor: only tensors of CUDNN_DATA_FLOAT are supported");
  OK(cudnnDestroyTensorDescriptor(half));
}

void sums() {
  const Handle handle;
  const float alpha = 0.5f, beta = -2;
  const Layout layouts[] = {Layout::nhwc(2, 3, 4, 5), Layout::pitched(2, 3, 4, 5, 8), Layout::ragged(2, 3, 4, 5)};
  const Layout summands[] = {Layout::nhwc(1, 3, 1, 1), Layout::nchw(2, 3, 4, 5), Layout::nchw(1, 1, 4, 5),
                             Layout::nhwc(1, 1, 1, 1)};
  for (const Layout& layout : layouts) {
    for (const Layout& summand : summands) {
      const Tensor a(summand, 1), c(layout, 2);
      OK(cudnnAddTensor(handle, &alpha, a.desc, a.device(), &beta, c.desc, c.device()));
      check_elements(c, 1e-6, [&](int n, int channel, int h, int w) {
        return alpha * a.was(n % summand.n, channel % summand.c, h % summand.h, w % summand.w) +
               beta * c.was(n, channel, h, w);
      });
    }
  }
  const Tensor a(Layout::nhwc(1, 2, 1, 1), 1), c(layouts[0], 2), nan(layouts[0], std::vector<float>(120, NAN));
  CHECK_CODE(cudnnAddTensor(handle, &alpha, a.desc, a.device(), &beta, c.desc, c.device()), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnAddTensor(handle, &kOne, c.desc, c.device(), &kZero, nan.desc, nan.device()));
  CHECK(library_test::same_bits(nan.read(), c.host));
}

void constants_factors_and_copies() {
  const Handle handle;
  const float factor = -1.5f, beta = 0.25f;
  for (const Layout& layout : {Layout::nchw(2, 3, 4, 5), Layout::pitched(2, 3, 4, 5, 4), Layout::ragged(2, 3, 4, 5)}) {
    const Tensor set(layout, 1), scaled(layout, 2), from(Layout::nhwc(2, 3, 4, 5), 3), to(layout, 4);
    OK(cudnnSetTensor(handle, set.desc, set.device(), &factor));
    check_elements(set, 0, [&](int, int, int, int) { return factor; });
    OK(cudnnScaleTensor(handle, scaled.desc, scaled.device(), &factor));
    check_elements(scaled, 0, [&](int n, int c, int h, int w) { return factor * scaled.was(n, c, h, w); });
    OK(cudnnTransformTensor(handle, &factor, from.desc, from.device(), &beta, to.desc, to.device()));
    check_elements(to, 1e-6, [&](int n, int c, int h, int w) {
      return factor * from.was(n, c, h, w) + beta * to.was(n, c, h, w);
    });
    CHECK_CODE(cudnnTransformTensor(handle, &kOne, from.desc, from.device(), &kZero, to.desc, from.device()),
               CUDNN_STATUS_BAD_PARAM);
  }
}

void misaligned_memory() {
  const Handle handle;
  const Tensor y(Layout::nhwc(1, 4, 1, 1), 1);
  OK(cudnnSetTensor(handle, y.desc, reinterpret_cast<char*>(y.device()) + 2, &kOne));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_MISALIGNED_ADDRESS);
}

}  // namespace

int main() {
  return library_test::run_tests({{"versions", versions},
                                  {"handles", handles},
                                  {"context_is_needed", context_is_needed},
                                  {"descriptors", descriptors},
                                  {"other_data_types_are_refused", other_data_types_are_refused},
                                  {"sums", sums},
                                  {"constants_factors_and_copies", constants_factors_and_copies},
                                  {"misaligned_memory", misaligned_memory}});
}
