// Calls on streams: order, capture into a graph, faults on request.

#include "cublas_test.h"
#include "cudnn_test.h"
#include "densenet4j_software_cuda.h"

using namespace cudnn_test;

namespace {

class Stream {
 public:
  Stream() { OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING)); }
  ~Stream() { cuStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  operator CUstream() const { return stream_; }

 private:
  CUstream stream_ = nullptr;
};

void work_is_done_in_order() {
  const Stream stream;
  const Handle handle;
  OK(cudnnSetStream(handle, stream));
  const float two = 2;
  const Tensor y(Layout::nhwc(1, 4, 1, 1), 1);
  OK(cudnnSetTensor(handle, y.desc, y.device(), &kOne));
  for (int i = 0; i < 5; i++) OK(cudnnScaleTensor(handle, y.desc, y.device(), &two));
  OK(cuStreamSynchronize(stream));
  check_elements(y, 0, [](int, int, int, int) { return 32; });
}

// A graph replays what was captured, with the factors of then.
void capture_and_replay() {
  const Stream stream;
  const Handle handle;
  OK(cudnnSetStream(handle, stream));
  const cublas_test::Handle blas;
  OK(cublasSetStream_v2(blas, stream));
  float factor = 2;
  const Tensor y(Layout::nhwc(1, 4, 1, 1), std::vector<float>{1, 2, 3, 4});
  CUgraph graph;
  CUgraphExec executable;
  OK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  OK(cudnnScaleTensor(handle, y.desc, y.device(), &factor));
  OK(cublasSgemm_v2(blas, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &kOne, y.device(), 1, y.device() + 1, 1, &kOne,
                    y.device() + 2, 1));
  OK(cuStreamEndCapture(stream, &graph));
  factor = 100;
  CHECK(y.read()[0] == 1);
  OK(cuGraphInstantiate(&executable, graph, 0));
  for (int i = 0; i < 2; i++) OK(cuGraphLaunch(executable, stream));
  OK(cuStreamSynchronize(stream));
  const std::vector<float> found = y.read();
  CHECK(found[0] == 4 && found[1] == 8 && found[2] == 2 * (2 * 3 + 2 * 4) + 4 * 8 && found[3] == 16);
  OK(cuGraphExecDestroy(executable));
  OK(cuGraphDestroy(graph));
}

void faults_on_request() {
  const Handle handle;
  const Tensor y(Layout::nhwc(1, 4, 1, 1), 1);
  CHECK(dn_software_cuda_set("fail", "cudnnScaleTensor:2:700") == 0);
  for (int i = 0; i < 2; i++) OK(cudnnScaleTensor(handle, y.desc, y.device(), &kOne));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  CHECK(dn_software_cuda_set("fail", "") == 0);
}

}  // namespace

int main() {
  return library_test::run_tests({{"work_is_done_in_order", work_is_done_in_order},
                                  {"capture_and_replay", capture_and_replay},
                                  {"faults_on_request", faults_on_request}});
}
