// Stream capture: what becomes of work, and what a capture forbids.
#include "driver_test.h"

namespace driver_test {

namespace {

// Two streams, two events, a value; a capture has begun in the first stream.
struct Capturing {
  explicit Capturing(CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL, unsigned flags = CU_STREAM_NON_BLOCKING)
      : value(allocate_value(0)) {
    OK(cuStreamCreate(&first, flags));
    OK(cuStreamCreate(&second, flags));
    OK(cuEventCreate(&fork, 0));
    OK(cuEventCreate(&join, 0));
    OK(cuStreamBeginCapture(first, mode));
  }

  ~Capturing() {
    if (graph != nullptr) cuGraphDestroy(graph);
    cuStreamDestroy(first);
    cuStreamDestroy(second);
    cuEventDestroy(fork);
    cuEventDestroy(join);
    cuMemFree(value);
  }

  CUstreamCaptureStatus status() const {
    CUstreamCaptureStatus result;
    OK(cuStreamIsCapturing(first, &result));
    return result;
  }

  // The call was refused and has spoilt the capture.
  void require_spoilt() {
    CHECK(status() == CU_STREAM_CAPTURE_STATUS_INVALIDATED);
    CHECK_CODE(enqueue_add(first, value, 1), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    CHECK_CODE(cuStreamEndCapture(first, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    CHECK(graph == nullptr && status() == CU_STREAM_CAPTURE_STATUS_NONE && dn_software_cuda_count("graphs") == 0);
    OK(cuStreamSynchronize(first));
  }

  const CUdeviceptr value;
  CUstream first, second;
  CUevent fork, join;
  CUgraph graph = nullptr;
};

void captured_work_runs_when_the_graph_is_launched() {
  const Device device;
  Capturing capture;
  CHECK(capture.status() == CU_STREAM_CAPTURE_STATUS_ACTIVE);
  OK(enqueue_add(capture.first, capture.value, 1));
  OK(cuMemsetD32Async(capture.value, 20, 1, capture.first));
  OK(enqueue_add(capture.first, capture.value, 3));
  OK(cuStreamEndCapture(capture.first, &capture.graph));
  OK(cuCtxSynchronize());
  CHECK(peek(capture.value) == 0);
  size_t count;
  OK(cuGraphGetNodes(capture.graph, nullptr, &count));
  CHECK(count == 3);
  CUgraphExec executable;
  OK(cuGraphInstantiate(&executable, capture.graph, 0));
  for (int i = 0; i < 3; ++i) OK(cuGraphLaunch(executable, capture.first));
  OK(enqueue_add(capture.first, capture.value, 100));
  OK(cuStreamSynchronize(capture.first));
  CHECK(peek(capture.value) == 123);
  CHECK(dn_software_cuda_count("launches") == 7 && dn_software_cuda_count("graph_launches") == 3);
  CHECK(dn_software_cuda_count("graphs") == 2);
  OK(cuGraphExecDestroy(executable));
}

void events_fork_and_join_a_capture() {
  const Device device;
  Capturing capture;
  OK(enqueue_add(capture.first, capture.value, 1));
  OK(cuEventRecord(capture.fork, capture.first));
  OK(cuStreamWaitEvent(capture.second, capture.fork, 0));
  OK(enqueue_add(capture.first, capture.value, 10));
  OK(enqueue_add(capture.second, capture.value, 100));
  OK(cuEventRecord(capture.join, capture.second));
  OK(cuStreamWaitEvent(capture.first, capture.join, 0));
  CUstreamCaptureStatus status;
  cuuint64_t id;
  CUgraph graph;
  const CUgraphNode* after;
  size_t count;
  OK(cuStreamGetCaptureInfo(capture.first, &status, &id, &graph, &after, nullptr, &count));
  CHECK(status == CU_STREAM_CAPTURE_STATUS_ACTIVE && count == 2 && after[0] != after[1]);
  OK(enqueue_add(capture.first, capture.value, 1000));
  OK(cuStreamEndCapture(capture.first, &capture.graph));
  CHECK(capture.graph == graph);
  CUgraphNode nodes[4], from[4], to[4];
  count = 4;
  OK(cuGraphGetNodes(graph, nodes, &count));
  OK(cuGraphGetEdges(graph, from, to, nullptr, &count));
  CHECK(count == 4 && from[0] == nodes[0] && from[1] == nodes[0]);
  CHECK(from[2] == nodes[1] && from[3] == nodes[2] && to[2] == nodes[3] && to[3] == nodes[3]);
  OK(enqueue_add(capture.second, capture.value, 5));
  OK(cuStreamSynchronize(capture.second));
  CHECK(peek(capture.value) == 5);
  CHECK_CODE(cuStreamWaitEvent(capture.second, capture.join, 0), CUDA_ERROR_CAPTURED_EVENT);
}

void a_branch_must_be_joined() {
  const Device device;
  Capturing capture;
  OK(cuEventRecord(capture.fork, capture.first));
  OK(cuStreamWaitEvent(capture.second, capture.fork, 0));
  OK(enqueue_add(capture.second, capture.value, 1));
  CHECK_CODE(cuStreamEndCapture(capture.second, &capture.graph), CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  capture.require_spoilt();
  OK(cuStreamBeginCapture(capture.first, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(cuEventRecord(capture.fork, capture.first));
  OK(cuStreamWaitEvent(capture.second, capture.fork, 0));
  OK(enqueue_add(capture.second, capture.value, 1));
  CHECK_CODE(cuStreamEndCapture(capture.first, &capture.graph), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  CHECK(capture.graph == nullptr && dn_software_cuda_count("graphs") == 0);
}

void waiting_spoils_a_capture() {
  const Device device;
  using Call = CUresult (*)(Capturing&);
  const std::pair<Call, CUresult> forbidden[] = {
      {[](Capturing& c) { return cuStreamSynchronize(c.first); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED},
      {[](Capturing& c) { return cuStreamQuery(c.first); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED},
      {[](Capturing&) { return cuCtxSynchronize(); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED},
      {[](Capturing& c) { return cuMemFree(c.value); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED},
      {[](Capturing&) { CUdeviceptr to; return cuMemAlloc(&to, 4); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED},
      {[](Capturing& c) { int32_t to; return cuMemcpyDtoH(&to, c.value, 4); }, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED},
      {[](Capturing& c) { return enqueue_add(nullptr, c.value, 1); }, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT},
      {[](Capturing& c) { return cuMemsetD32(c.value, 1, 1); }, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT},
  };
  for (const auto& [call, code] : forbidden) {
    Capturing capture(CU_STREAM_CAPTURE_MODE_GLOBAL, CU_STREAM_DEFAULT);
    CHECK_CODE(call(capture), code);
    capture.require_spoilt();
  }
}

void a_relaxed_capture_lets_calls_through() {
  const Device device;
  Capturing capture(CU_STREAM_CAPTURE_MODE_RELAXED);
  OK(cuMemFree(allocate_value(3)));
  OK(enqueue_add(nullptr, capture.value, 1));
  OK(cuStreamEndCapture(capture.first, &capture.graph));
}

void a_thread_may_relax_itself() {
  const Device device;
  Capturing capture;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_RELAXED;
  OK(cuThreadExchangeStreamCaptureMode(&mode));
  CHECK(mode == CU_STREAM_CAPTURE_MODE_GLOBAL);
  OK(cuMemFree(allocate(4)));
  OK(cuThreadExchangeStreamCaptureMode(&mode));
  OK(cuStreamEndCapture(capture.first, &capture.graph));
}

void events_keep_captures_apart() {
  const Device device;
  Capturing capture;
  OK(cuEventRecord(capture.join, capture.second));
  CHECK_CODE(cuStreamWaitEvent(capture.first, capture.join, 0), CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
  capture.require_spoilt();
  OK(cuStreamBeginCapture(capture.first, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(cuStreamBeginCapture(capture.second, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(cuEventRecord(capture.fork, capture.first));
  CHECK_CODE(cuEventSynchronize(capture.fork), CUDA_ERROR_CAPTURED_EVENT);
  CHECK_CODE(cuStreamWaitEvent(capture.second, capture.fork, 0), CUDA_ERROR_STREAM_CAPTURE_MERGE);
  CHECK_CODE(cuStreamEndCapture(capture.second, &capture.graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  capture.require_spoilt();
}

void captures_begin_and_end_properly() {
  const Device device;
  Capturing capture;
  CHECK_CODE(cuStreamBeginCapture(capture.first, CU_STREAM_CAPTURE_MODE_GLOBAL), CUDA_ERROR_ILLEGAL_STATE);
  CHECK_CODE(cuStreamBeginCapture(nullptr, CU_STREAM_CAPTURE_MODE_GLOBAL), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  OK(cuStreamEndCapture(capture.first, &capture.graph));
  CUgraph none;
  CHECK_CODE(cuStreamEndCapture(capture.first, &none), CUDA_ERROR_ILLEGAL_STATE);
}

void destroying_a_capturing_stream_ends_the_capture() {
  const Device device;
  CUstream stream;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  OK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(cuStreamDestroy(stream));
  OK(cuMemFree(allocate(4)));
  CHECK(dn_software_cuda_count("graphs") == 0);
}

}  // namespace

std::vector<Test> capture_tests() {
  return {{"captured_work_runs_when_the_graph_is_launched", captured_work_runs_when_the_graph_is_launched},
          {"events_fork_and_join_a_capture", events_fork_and_join_a_capture},
          {"a_branch_must_be_joined", a_branch_must_be_joined},
          {"waiting_spoils_a_capture", waiting_spoils_a_capture},
          {"a_relaxed_capture_lets_calls_through", a_relaxed_capture_lets_calls_through},
          {"a_thread_may_relax_itself", a_thread_may_relax_itself},
          {"events_keep_captures_apart", events_keep_captures_apart},
          {"captures_begin_and_end_properly", captures_begin_and_end_properly},
          {"destroying_a_capturing_stream_ends_the_capture", destroying_a_capturing_stream_ends_the_capture}};
}

}  // namespace driver_test
