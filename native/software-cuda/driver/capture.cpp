// Stream capture.
#include "capture.h"

#include <algorithm>
#include <set>

#include "driver.h"

namespace software_cuda {

namespace {

thread_local CUstreamCaptureMode thread_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

[[noreturn]] void spoil(Capture& capture, CUresult code) {
  const CUresult result = capture.invalid ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : code;
  capture.invalid = true;
  throw Failure(result);
}

// Whether the capture keeps the calling thread from calls that could disturb it.
bool forbids(const Capture& capture) {
  const bool own = capture.thread == std::this_thread::get_id() && capture.mode != CU_STREAM_CAPTURE_MODE_RELAXED;
  switch (thread_mode) {
    case CU_STREAM_CAPTURE_MODE_GLOBAL: return own || capture.mode == CU_STREAM_CAPTURE_MODE_GLOBAL;
    case CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: return own;
    default: return false;
  }
}

// Whether everything that was captured is waited for by the origin.
bool joined(const Capture& capture) {
  std::set<const Node*> reached;
  std::vector<const Node*> left;
  for (const auto& node : capture.origin->frontier) left.push_back(node.get());
  while (!left.empty()) {
    const Node* node = left.back();
    left.pop_back();
    if (reached.insert(node).second) left.insert(left.end(), node->after.begin(), node->after.end());
  }
  for (const auto& stream : capture.streams) {
    for (const auto& node : stream->frontier) {
      if (reached.count(node.get()) == 0) return false;
    }
  }
  return true;
}

// Ends a capture, well or badly: its streams do work again.
void finish(const std::shared_ptr<Capture>& capture) {
  for (const auto& stream : capture->streams) {
    stream->capture.reset();
    stream->frontier.clear();
  }
  capture->streams.clear();
  capture->origin.reset();
  capture->ended = true;
  auto& all = driver().captures;
  all.erase(std::remove(all.begin(), all.end(), capture), all.end());
}

void discard(const std::shared_ptr<Capture>& capture) {
  finish(capture);
  destroy_graph(capture->graph->handle);
}

void begin_capture(const std::shared_ptr<Stream>& stream, CUstreamCaptureMode mode) {
  auto capture = std::make_shared<Capture>();
  capture->serial = next_serial();
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->graph = new_graph(*stream->context);
  capture->origin = stream;
  capture->streams = {stream};
  stream->capture = capture;
  driver().captures.push_back(capture);
}

CUgraph end_capture(const std::shared_ptr<Stream>& stream) {
  const std::shared_ptr<Capture> capture = stream->capture;
  require(capture != nullptr, CUDA_ERROR_ILLEGAL_STATE);
  if (capture->origin != stream) spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
  require(capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED || capture->thread == std::this_thread::get_id(),
          CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
  const CUresult result = capture->invalid      ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                          : !joined(*capture) ? CUDA_ERROR_STREAM_CAPTURE_UNJOINED
                                              : CUDA_SUCCESS;
  if (result != CUDA_SUCCESS) {
    discard(capture);
    throw Failure(result);
  }
  finish(capture);
  return capture->graph->handle;
}

CUstreamCaptureStatus status(const Stream& stream) {
  if (stream.capture == nullptr) return CU_STREAM_CAPTURE_STATUS_NONE;
  return stream.capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
}

struct CaptureInfo {
  CUstreamCaptureStatus* status;
  cuuint64_t* serial;
  CUgraph* graph;
  const CUgraphNode** dependencies;
  size_t* count;
};

CUresult capture_info(CUstream handle, const CaptureInfo& to) {
  return in_context([&](Context& context) {
    require(to.status != nullptr);
    const auto stream = stream_of(context, handle);
    if (stream == context.legacy) refuse_legacy(context);
    *to.status = status(*stream);
    if (*to.status != CU_STREAM_CAPTURE_STATUS_ACTIVE) return;
    // Valid until the next call, as the interface has it.
    thread_local std::vector<CUgraphNode> frontier;
    frontier.clear();
    for (const auto& node : stream->frontier) frontier.push_back(node->handle);
    if (to.serial != nullptr) *to.serial = stream->capture->serial;
    if (to.graph != nullptr) *to.graph = stream->capture->graph->handle;
    if (to.dependencies != nullptr) *to.dependencies = frontier.data();
    if (to.count != nullptr) *to.count = frontier.size();
  });
}

}  // namespace

void capture(Stream& stream, Operation operation) {
  Capture& capture = *stream.capture;
  require(!capture.invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  if (std::holds_alternative<GraphRun>(operation)) spoil(capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  std::vector<Node*> after;
  for (const auto& node : stream.frontier) after.push_back(node.get());
  stream.frontier = {add_node(*capture.graph, std::move(operation), std::move(after))};
}

void capture_wait(const std::shared_ptr<Stream>& stream, const Event& event) {
  if (event.capture == nullptr || event.capture->ended) {
    require(stream->capture != nullptr, CUDA_ERROR_CAPTURED_EVENT);
    const bool recorded = event.capture != nullptr || event.point.stream != nullptr;
    if (recorded) spoil(*stream->capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
    return;
  }
  Capture& capture = *event.capture;
  require(!capture.invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
  if (stream == stream->context->legacy) spoil(capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
  if (stream->capture != nullptr && stream->capture != event.capture) {
    stream->capture->invalid = true;
    spoil(capture, CUDA_ERROR_STREAM_CAPTURE_MERGE);
  }
  if (stream->capture == nullptr) {
    stream->capture = event.capture;
    capture.streams.push_back(stream);
  }
  for (const auto& node : event.nodes) {
    auto& frontier = stream->frontier;
    if (std::find(frontier.begin(), frontier.end(), node) == frontier.end()) frontier.push_back(node);
  }
}

void refuse_unsafe() {
  for (const auto& capture : driver().captures) {
    if (forbids(*capture)) spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
}

void refuse_waiting(Stream& stream) {
  if (stream.capture != nullptr) spoil(*stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
}

void refuse_waiting(Context& context) {
  for (const auto& capture : driver().captures) {
    if (capture->origin->context == &context) spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  }
}

void refuse_legacy(Context& context) {
  for (const auto& capture : driver().captures) {
    for (const auto& stream : capture->streams) {
      if (stream->context == &context && stream->blocking()) spoil(*capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
    }
  }
}

void leave(Stream& stream) {
  const std::shared_ptr<Capture> capture = stream.capture;
  if (capture == nullptr) return;
  capture->invalid = true;
  if (capture->origin.get() == &stream) {
    discard(capture);
    return;
  }
  auto& streams = capture->streams;
  streams.erase(std::remove_if(streams.begin(), streams.end(), [&](const auto& each) { return each.get() == &stream; }),
                streams.end());
  stream.capture.reset();
  stream.frontier.clear();
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuStreamBeginCapture(CUstream handle, CUstreamCaptureMode mode) {
  return in_context([&](Context& context) {
    require(mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
    const auto stream = stream_of(context, handle);
    require(stream != context.legacy, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    require(stream->capture == nullptr, CUDA_ERROR_ILLEGAL_STATE);
    begin_capture(stream, mode);
  });
}

CUresult CUDAAPI cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return in_context([&](Context& context) {
    require(graph != nullptr);
    *graph = nullptr;
    *graph = end_capture(stream_of(context, handle));
  });
}

CUresult CUDAAPI cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* result) {
  return capture_info(handle, {result, nullptr, nullptr, nullptr, nullptr});
}

CUresult CUDAAPI cuStreamGetCaptureInfo_v2(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* serial,
                                           CUgraph* graph, const CUgraphNode** dependencies, size_t* count) {
  return capture_info(handle, {status, serial, graph, dependencies, count});
}

CUresult CUDAAPI cuStreamGetCaptureInfo_v3(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* serial,
                                           CUgraph* graph, const CUgraphNode** dependencies,
                                           const CUgraphEdgeData** edges, size_t* count) {
  if (edges != nullptr) *edges = nullptr;
  return capture_info(handle, {status, serial, graph, dependencies, count});
}

CUresult CUDAAPI cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return initialized([&] {
    require(mode != nullptr && *mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && *mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
    std::swap(*mode, thread_mode);
  });
}
}
