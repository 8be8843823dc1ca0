// Convolutions in all directions against sums in double: layouts, algorithms, strides, blending, TF32.
#include "cudnn_test_convolution.h"

using namespace cudnn_test;

namespace {

const Geometry kGeometries[] = {
    {2, 5, 9, 7, 6, 3, 1, 1, 1, 1},  {1, 24, 6, 6, 12, 3, 1, 1, 1, 1}, {3, 13, 5, 5, 7, 1, 0, 1, 1, 1},
    {2, 3, 15, 13, 4, 7, 3, 2, 1, 1}, {2, 6, 8, 8, 4, 3, 1, 2, 1, 2},  {1, 4, 12, 11, 5, 3, 2, 1, 2, 1},
    {2, 2, 7, 7, 3, 5, 2, 1, 1, 1},   {1, 3, 6, 5, 2, 3, 0, 1, 1, 1, CUDNN_CONVOLUTION},
};
const float kFactors[][2] = {{1, 0}, {0.5f, 0}, {2, -0.25f}};

// Runs run(algorithm, workspace, bytes, alpha, beta) for all algorithms of a direction that can do a convolution, of
// which size(algorithm, bytes) asks for the workspace.
template <class Algorithm, class Size, class Run>
void each_algorithm(Algorithm end, const Size& size, const Run& run) {
  int done = 0;
  for (int i = 0; i < end; i++) {
    const auto algorithm = static_cast<Algorithm>(i);
    size_t bytes;
    const cudnnStatus_t status = size(algorithm, &bytes);
    if (status == CUDNN_STATUS_NOT_SUPPORTED) continue;
    OK(status);
    const Buffer workspace(std::vector<float>((bytes + 3) / 4, 0.0f));
    for (const auto& [alpha, beta] : kFactors) run(algorithm, workspace.device(), bytes, alpha, beta);
    workspace.read();
    done++;
  }
  CHECK(done > 0);
}

// Checks the elements of `tensor`, and puts back what they were.
void check_and_restore(const Sums& sums, const Tensor& tensor, float alpha, float beta) {
  const std::vector<float> found = tensor.read();
  tensor.layout.each([&](int n, int c, int h, int w) {
    sums.check(found, tensor.host, alpha, beta, tensor.layout.at(n, c, h, w));
  });
  tensor.restore();
}

void check_forward(const Handle& handle, const Case& test) {
  Sums sums(test.y.layout.extent());
  test.each_product([&](size_t y, size_t x, size_t w) { sums.add(y, double{test.x.host[x]} * test.w_host[w]); });
  const auto size = [&](cudnnConvolutionFwdAlgo_t algorithm, size_t* bytes) {
    return cudnnGetConvolutionForwardWorkspaceSize(handle, test.x.desc, test.filter, test.desc, test.y.desc, algorithm,
                                                   bytes);
  };
  each_algorithm(CUDNN_CONVOLUTION_FWD_ALGO_COUNT, size,
                 [&](auto algorithm, void* workspace, size_t bytes, float alpha, float beta) {
                   OK(forward(handle, test, algorithm, workspace, bytes, alpha, beta));
                   check_and_restore(sums, test.y, alpha, beta);
                 });
}

void check_backward_data(const Handle& handle, const Case& test) {
  Sums sums(test.x.layout.extent());
  test.each_product([&](size_t y, size_t x, size_t w) { sums.add(x, double{test.y.host[y]} * test.w_host[w]); });
  const auto size = [&](cudnnConvolutionBwdDataAlgo_t algorithm, size_t* bytes) {
    return cudnnGetConvolutionBackwardDataWorkspaceSize(handle, test.filter, test.y.desc, test.desc, test.x.desc,
                                                        algorithm, bytes);
  };
  each_algorithm(CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT, size,
                 [&](auto algorithm, void* workspace, size_t bytes, float alpha, float beta) {
                   OK(backward_data(handle, test, algorithm, workspace, bytes, alpha, beta));
                   check_and_restore(sums, test.x, alpha, beta);
                 });
}

void check_backward_filter(const Handle& handle, const Case& test) {
  Sums sums(test.w_layout.extent());
  test.each_product([&](size_t y, size_t x, size_t w) { sums.add(w, double{test.y.host[y]} * test.x.host[x]); });
  const auto size = [&](cudnnConvolutionBwdFilterAlgo_t algorithm, size_t* bytes) {
    return cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, test.x.desc, test.y.desc, test.desc, test.filter,
                                                          algorithm, bytes);
  };
  each_algorithm(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT, size,
                 [&](auto algorithm, void* workspace, size_t bytes, float alpha, float beta) {
                   OK(backward_filter(handle, test, algorithm, workspace, bytes, alpha, beta));
                   const std::vector<float> found = test.w.read();
                   for (size_t i = 0; i < found.size(); i++) sums.check(found, test.w_host, alpha, beta, i);
                   test.w.write(test.w_host);
                 });
}

void check_all(const Handle& handle, const Case& test) {
  check_forward(handle, test);
  check_backward_data(handle, test);
  check_backward_filter(handle, test);
}

void nhwc_with_krsc_filters() {
  const Handle handle;
  for (const Geometry& geometry : kGeometries) check_all(handle, *Case::nhwc(geometry));
}

void nchw_with_kcrs_filters() {
  const Handle handle;
  for (const Geometry& geometry : kGeometries) check_all(handle, *Case::nchw(geometry));
}

void tensors_with_gaps_and_kcrs_filters() {
  const Handle handle;
  for (const Geometry& g : kGeometries) {
    const Layout y = Layout::nchw(g.batch, g.outputs, g.out(g.height), g.out(g.width));
    const Layout pitched = Layout::pitched(g.batch, g.inputs, g.height, g.width, g.inputs + 3);
    check_all(handle, Case(g, pitched, CUDNN_TENSOR_NCHW, y));
    check_all(handle, Case(g, Layout::ragged(g.batch, g.inputs, g.height, g.width), CUDNN_TENSOR_NCHW, y));
    check_forward(handle, Case(g, Layout::nchw(g.batch, g.inputs, g.height, g.width), CUDNN_TENSOR_NCHW,
                               Layout::pitched(g.batch, y.c, y.h, y.w, y.c + 5)));
  }
}

void output_dimensions() {
  for (const Geometry& geometry : kGeometries) {
    const auto test = Case::nhwc(geometry);
    int n, c, h, w;
    OK(cudnnGetConvolution2dForwardOutputDim(test->desc, test->x.desc, test->filter, &n, &c, &h, &w));
    CHECK(n == geometry.batch && c == geometry.outputs && h == test->y.layout.h && w == test->y.layout.w);
  }
}

// All math types but FMA round the operands; the caller who did not ask for FMA sees it.
void tf32_rounds_operands() {
  const Handle handle;
  const auto test = Case::nhwc(kGeometries[1]);
  Sums rounded(test->y.layout.extent()), exact(test->y.layout.extent());
  test->each_product([&](size_t y, size_t x, size_t w) {
    exact.add(y, double{test->x.host[x]} * test->w_host[w]);
    rounded.add(y, double{library_test::rounded_to_tf32(test->x.host[x])} *
                       library_test::rounded_to_tf32(test->w_host[w]));
  });
  for (cudnnMathType_t math : {CUDNN_DEFAULT_MATH, CUDNN_TENSOR_OP_MATH, CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION}) {
    OK(cudnnSetConvolutionMathType(test->desc, math));
    OK(forward(handle, *test, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0));
    const std::vector<float> found = test->y.read();
    double difference = 0;
    for (size_t i = 0; i < found.size(); i++) {
      rounded.check(found, test->y.host, 1, 0, i);
      difference = std::max(difference, std::abs(found[i] - exact.value[i]) / exact.magnitude[i]);
    }
    CHECK(difference > 1e-5);
  }
}

void beta_of_zero_ignores_nan() {
  const Handle handle;
  const Geometry g = kGeometries[0];
  const Layout layout = Layout::nhwc(g.batch, g.outputs, g.out(g.height), g.out(g.width));
  const auto test = Case::nhwc(g);
  const Tensor y(layout, std::vector<float>(layout.extent(), NAN));
  OK(cudnnConvolutionForward(handle, &kOne, test->x.desc, test->x.device(), test->filter, test->w.device(), test->desc,
                             CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, nullptr, 0, &kZero, y.desc, y.device()));
  for (float value : y.read()) CHECK(std::isfinite(value));
}

void bias_gradient() {
  const Handle handle;
  for (const Layout& layout : {Layout::nhwc(3, 5, 4, 6), Layout::nchw(3, 5, 4, 6), Layout::ragged(2, 7, 3, 3)}) {
    const Tensor dy(layout, 1), db(Layout::nhwc(1, layout.c, 1, 1), 2);
    std::vector<double> sums(static_cast<size_t>(layout.c));
    layout.each([&](int n, int c, int h, int w) { sums[c] += dy.was(n, c, h, w); });
    const float alpha = 0.5f, beta = 2;
    OK(cudnnConvolutionBackwardBias(handle, &alpha, dy.desc, dy.device(), &beta, db.desc, db.device()));
    check_elements(db, 1e-5, [&](int, int c, int, int) { return alpha * sums[c] + beta * db.was(0, c, 0, 0); });
    CHECK_CODE(cudnnConvolutionBackwardBias(handle, &alpha, dy.desc, dy.device(), &beta, dy.desc, db.device()),
               CUDNN_STATUS_BAD_PARAM);
  }
}

}  // namespace

int main() {
  return library_test::run_tests({{"nhwc_with_krsc_filters", nhwc_with_krsc_filters},
                                  {"nchw_with_kcrs_filters", nchw_with_kcrs_filters},
                                  {"tensors_with_gaps_and_kcrs_filters", tensors_with_gaps_and_kcrs_filters},
                                  {"output_dimensions", output_dimensions},
                                  {"tf32_rounds_operands", tf32_rounds_operands},
                                  {"beta_of_zero_ignores_nan", beta_of_zero_ignores_nan},
                                  {"bias_gradient", bias_gradient}});
}
