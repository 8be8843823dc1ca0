// What convolutions refuse, what they ask for, and what a caller who breaks their rules sees.
#include "cudnn_test_convolution.h"

using namespace cudnn_test;

namespace {

const Geometry kSmall = {2, 4, 6, 6, 8, 3, 1, 1, 1, 1};
const Geometry kLarge = {4, 8, 16, 16, 8, 3, 1, 1, 1, 1};

void descriptors_remember() {
  const auto test = Case::nhwc({1, 4, 9, 9, 8, 3, 2, 2, 1, 2, CUDNN_CONVOLUTION});
  int a, b, c, d, e, f, k, groups;
  cudnnConvolutionMode_t mode;
  cudnnDataType_t type;
  cudnnMathType_t math;
  cudnnTensorFormat_t format;
  OK(cudnnGetConvolution2dDescriptor(test->desc, &a, &b, &c, &d, &e, &f, &mode, &type));
  CHECK(a == 2 && b == 2 && c == 2 && d == 2 && e == 1 && f == 1 && mode == CUDNN_CONVOLUTION && type == 0);
  OK(cudnnGetConvolutionGroupCount(test->desc, &groups));
  OK(cudnnGetConvolutionMathType(test->desc, &math));
  CHECK(groups == 2 && math == CUDNN_FMA_MATH);
  OK(cudnnGetFilter4dDescriptor(test->filter, &type, &format, &k, &c, &a, &b));
  CHECK(format == CUDNN_TENSOR_NHWC && k == 8 && c == 2 && a == 3 && b == 3);
  size_t bytes;
  OK(cudnnGetFilterSizeInBytes(test->filter, &bytes));
  CHECK(bytes == 8 * 2 * 9 * sizeof(float));
}

void descriptors_refuse() {
  cudnnConvolutionDescriptor_t desc;
  OK(cudnnCreateConvolutionDescriptor(&desc));
  const auto set = [&](int pad, int stride, int dilation, int mode) {
    return cudnnSetConvolution2dDescriptor(desc, pad, 0, 1, stride, dilation, 1,
                                           static_cast<cudnnConvolutionMode_t>(mode), CUDNN_DATA_FLOAT);
  };
  CHECK_CODE(set(-1, 1, 1, 1), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(set(0, 0, 1, 1), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(set(0, 1, 0, 1), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(set(0, 1, 1, 2), CUDNN_STATUS_BAD_PARAM);
  CHECK(last_error() == "cudnnSetConvolution2dDescriptor: the mode is none");
  CHECK_CODE(cudnnSetConvolutionGroupCount(desc, 0), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(cudnnSetConvolutionMathType(desc, static_cast<cudnnMathType_t>(4)), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnDestroyConvolutionDescriptor(desc));
}

void shapes_that_do_not_fit() {
  const Handle handle;
  const auto test = Case::nhwc(kSmall);
  const auto with = [&](cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t y) {
    return cudnnConvolutionForward(handle, &kOne, x, test->x.device(), test->filter, test->w.device(), test->desc,
                                   CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0, &kZero, y, test->y.device());
  };
  OK(with(test->x.desc, test->y.desc));
  const Tensor other_channels(Layout::nhwc(2, 5, 6, 6), 1), other_batch(Layout::nhwc(1, 8, 6, 6), 1),
      other_size(Layout::nhwc(2, 8, 5, 6), 1);
  CHECK_CODE(with(other_channels.desc, test->y.desc), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(with(test->x.desc, other_batch.desc), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(with(test->x.desc, other_size.desc), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(with(nullptr, test->y.desc), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(cudnnConvolutionForward(handle, nullptr, test->x.desc, test->x.device(), test->filter, test->w.device(),
                                     test->desc, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0, &kZero,
                                     test->y.desc, test->y.device()),
             CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(forward(handle, *test, static_cast<cudnnConvolutionFwdAlgo_t>(8), nullptr, 0), CUDNN_STATUS_BAD_PARAM);
  cudnnTensorDescriptor_t unset;
  OK(cudnnCreateTensorDescriptor(&unset));
  CHECK_CODE(with(unset, test->y.desc), CUDNN_STATUS_BAD_PARAM);
  OK(cudnnDestroyTensorDescriptor(unset));
}

void layouts_that_no_algorithm_takes() {
  const Handle handle;
  const Layout packed_x = Layout::nhwc(2, 4, 6, 6), packed_y = Layout::nhwc(2, 8, 6, 6);
  const Case pitched_x(kSmall, Layout::pitched(2, 4, 6, 6, 8), CUDNN_TENSOR_NHWC, packed_y);
  const Case pitched_y(kSmall, packed_x, CUDNN_TENSOR_NHWC, Layout::pitched(2, 8, 6, 6, 12));
  const Case nchw_x(kSmall, Layout::nchw(2, 4, 6, 6), CUDNN_TENSOR_NHWC, packed_y);
  for (const Case* test : {&pitched_x, &pitched_y, &nchw_x}) {
    CHECK_CODE(forward(handle, *test, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0),
               CUDNN_STATUS_NOT_SUPPORTED);
    CHECK_CODE(backward_data(handle, *test, CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, nullptr, 0), CUDNN_STATUS_NOT_SUPPORTED);
    CHECK_CODE(backward_filter(handle, *test, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0, nullptr, 0),
               CUDNN_STATUS_NOT_SUPPORTED);
  }
  const Case nhwc_gradient(kSmall, packed_x, CUDNN_TENSOR_NCHW, packed_y);
  OK(forward(handle, nhwc_gradient, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0));
  CHECK_CODE(backward_data(handle, nhwc_gradient, CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, nullptr, 0),
             CUDNN_STATUS_NOT_SUPPORTED);
  CHECK_CODE(backward_filter(handle, nhwc_gradient, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0, nullptr, 0),
             CUDNN_STATUS_NOT_SUPPORTED);
  CHECK_CODE(forward(handle, *Case::nhwc(kSmall), CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD, nullptr, 0),
             CUDNN_STATUS_NOT_SUPPORTED);
}

void workspace_is_needed() {
  const Handle handle;
  const auto test = Case::nhwc(kSmall);
  const auto algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
  size_t bytes;
  OK(cudnnGetConvolutionForwardWorkspaceSize(handle, test->x.desc, test->filter, test->desc, test->y.desc, algorithm,
                                             &bytes));
  CHECK(bytes > 0);
  const Buffer workspace(std::vector<float>(bytes / sizeof(float), 1.0f));
  CHECK_CODE(forward(handle, *test, algorithm, nullptr, bytes), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(forward(handle, *test, algorithm, workspace.device(), bytes - 1), CUDNN_STATUS_BAD_PARAM);
  OK(forward(handle, *test, algorithm, workspace.device(), bytes));
  for (float value : workspace.read()) CHECK(std::isnan(value));
}

// A workspace or an output that overlaps an operand shows up as NaN.
void overlaps_are_noticed() {
  const Handle handle;
  const auto test = Case::nhwc(kSmall);
  OK(backward_data(handle, *test, CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, test->y.device(), 1 << 20));
  bool spoilt = false;
  for (float value : test->x.read()) spoilt = spoilt || std::isnan(value);
  CHECK(spoilt);
  const auto square = Case::nhwc({1, 8, 6, 6, 8, 1, 0, 1, 1, 1});
  OK(cudnnConvolutionForward(handle, &kOne, square->x.desc, square->x.device(), square->filter, square->w.device(),
                             square->desc, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0, &kZero,
                             square->x.desc, square->x.device()));
  for (float value : square->x.read()) CHECK(std::isnan(value));
}

void determinism_is_as_documented() {
  const Handle handle;
  const auto test = Case::nhwc(kLarge);
  const Buffer workspace(std::vector<float>(1 << 18, 0.0f));
  const auto data = [&](cudnnConvolutionBwdDataAlgo_t algorithm) {
    OK(backward_data(handle, *test, algorithm, workspace.device(), 1 << 20));
    return test->x.read();
  };
  CHECK(library_test::same_bits(data(CUDNN_CONVOLUTION_BWD_DATA_ALGO_1), data(CUDNN_CONVOLUTION_BWD_DATA_ALGO_1)));
  CHECK(!library_test::same_bits(data(CUDNN_CONVOLUTION_BWD_DATA_ALGO_0), data(CUDNN_CONVOLUTION_BWD_DATA_ALGO_0)));
  test->x.restore();
  const auto filters = [&](const Case& with, cudnnConvolutionBwdFilterAlgo_t algorithm) {
    OK(backward_filter(handle, with, algorithm, workspace.device(), 1 << 20));
    return with.w.read();
  };
  const auto nchw = Case::nchw(kLarge);
  for (auto [with, algorithm, same] : {std::make_tuple(test.get(), CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0, false),
                                       std::make_tuple(test.get(), CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1, true),
                                       std::make_tuple(nchw.get(), CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3, false)}) {
    CHECK(library_test::same_bits(filters(*with, algorithm), filters(*with, algorithm)) == same);
  }
}

// Usable results first and by time, all algorithms told of, the fastest gradients not deterministic.
template <class Result>
void check_results(const std::vector<Result>& results, int returned, size_t algorithms) {
  CHECK(static_cast<size_t>(returned) == algorithms);
  for (int i = 0; i < returned; i++) {
    const bool works = results[i].status == CUDNN_STATUS_SUCCESS;
    CHECK(works || results[i].time == -1);
    if (i == 0) continue;
    const bool worked = results[i - 1].status == CUDNN_STATUS_SUCCESS;
    CHECK(worked || !works);
    CHECK(!works || results[i - 1].time <= results[i].time);
  }
}

void heuristics_answer() {
  const Handle handle;
  const auto test = Case::nhwc(kSmall);
  int most, returned;
  OK(cudnnGetConvolutionForwardAlgorithmMaxCount(handle, &most));
  std::vector<cudnnConvolutionFwdAlgoPerf_t> forwards(static_cast<size_t>(most));
  OK(cudnnGetConvolutionForwardAlgorithm_v7(handle, test->x.desc, test->filter, test->desc, test->y.desc, most,
                                            &returned, forwards.data()));
  check_results(forwards, returned, CUDNN_CONVOLUTION_FWD_ALGO_COUNT);
  CHECK(forwards[0].algo == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM && forwards[0].memory > 0);
  std::vector<cudnnConvolutionBwdDataAlgoPerf_t> data(64);
  OK(cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, test->filter, test->y.desc, test->desc, test->x.desc, 64,
                                                 &returned, data.data()));
  check_results(data, returned, CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT);
  CHECK(data[0].determinism == CUDNN_NON_DETERMINISTIC && data[1].determinism == CUDNN_DETERMINISTIC);
  OK(cudnnSetConvolutionMathType(test->desc, CUDNN_DEFAULT_MATH));
  std::vector<cudnnConvolutionBwdFilterAlgoPerf_t> filters(64);
  OK(cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, test->x.desc, test->y.desc, test->desc, test->filter, 64,
                                                   &returned, filters.data()));
  check_results(filters, returned, 2 * CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT);
  CHECK(filters[0].mathType == CUDNN_DEFAULT_MATH && filters[0].algo == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0);
  OK(cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, test->x.desc, test->y.desc, test->desc, test->filter, 1,
                                                   &returned, filters.data()));
  CHECK(returned == 1);
  CHECK_CODE(cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, test->x.desc, test->y.desc, test->desc,
                                                           test->filter, 0, &returned, filters.data()),
             CUDNN_STATUS_BAD_PARAM);
}

void finding_measures() {
  const Handle handle;
  const auto test = Case::nhwc(kSmall);
  int returned;
  std::vector<cudnnConvolutionFwdAlgoPerf_t> results(64);
  OK(cudnnFindConvolutionForwardAlgorithm(handle, test->x.desc, test->filter, test->desc, test->y.desc, 64, &returned,
                                          results.data()));
  check_results(results, returned, CUDNN_CONVOLUTION_FWD_ALGO_COUNT);
  OK(cudnnFindConvolutionForwardAlgorithmEx(handle, test->x.desc, test->x.device(), test->filter, test->w.device(),
                                            test->desc, test->y.desc, test->y.device(), 64, &returned, results.data(),
                                            nullptr, 0));
  check_results(results, returned, CUDNN_CONVOLUTION_FWD_ALGO_COUNT);
  CHECK(results[0].algo == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM && results[0].time >= 0);
  CHECK(results[1].status != CUDNN_STATUS_SUCCESS);
  CHECK(!library_test::same_bits(test->y.read(), test->y.host));
}

void memory_that_is_not_there() {
  const Handle handle;
  const Geometry g = kLarge;
  const auto test = Case::nhwc(g);
  CUdeviceptr small;
  OK(cuMemAlloc(&small, 64));
  OK(cudnnConvolutionForward(handle, &kOne, test->x.desc, reinterpret_cast<void*>(small), test->filter,
                             test->w.device(), test->desc, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0, &kZero,
                             test->y.desc, test->y.device()));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK_CODE(forward(handle, *test, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0),
             CUDNN_STATUS_EXECUTION_FAILED);
}

}  // namespace

int main() {
  return library_test::run_tests({{"descriptors_remember", descriptors_remember},
                                  {"descriptors_refuse", descriptors_refuse},
                                  {"shapes_that_do_not_fit", shapes_that_do_not_fit},
                                  {"layouts_that_no_algorithm_takes", layouts_that_no_algorithm_takes},
                                  {"workspace_is_needed", workspace_is_needed},
                                  {"overlaps_are_noticed", overlaps_are_noticed},
                                  {"determinism_is_as_documented", determinism_is_as_documented},
                                  {"heuristics_answer", heuristics_answer},
                                  {"finding_measures", finding_measures},
                                  {"memory_that_is_not_there", memory_that_is_not_there}});
}
