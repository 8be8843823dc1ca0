// Events.
#include "event.h"

#include "driver.h"

using namespace software_cuda;

namespace {

void refuse_captured(const Event& event) { require(event.capture == nullptr, CUDA_ERROR_CAPTURED_EVENT); }

void wait(const Event& event) {
  if (event.point.stream == nullptr) return;
  run_until({event.point});
  settle(*event.context);
}

// Of a node of a graph: each run of it stamps the time.
void record_in_graph(Event& event, Stream& stream) {
  require(stream.capture != nullptr);
  const auto moment = std::make_shared<Moment>();
  capture(stream, Timestamp{moment});
  event.capture.reset();
  event.nodes.clear();
  event.moment = moment;
  event.point = Point();
}

bool stamped(const Event& event) { return event.complete() && event.moment->time != decltype(Moment::time)(); }

}  // namespace

extern "C" {

CUresult CUDAAPI cuEventCreate(CUevent* result, unsigned flags) {
  return in_context([&](Context& context) {
    constexpr unsigned known = CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS;
    require(result != nullptr && (flags & ~known) == 0);
    require((flags & CU_EVENT_INTERPROCESS) == 0, CUDA_ERROR_NOT_SUPPORTED);
    auto event = std::make_shared<Event>();
    event->context = &context;
    event->flags = flags;
    *result = driver().events.add(event);
  });
}

CUresult CUDAAPI cuEventDestroy(CUevent handle) {
  return in_context([&](Context&) {
    driver().events.get(handle);
    driver().events.remove(handle);
  });
}

CUresult CUDAAPI cuEventRecordWithFlags(CUevent handle, CUstream stream_handle, unsigned flags) {
  return in_context([&](Context& context) {
    require((flags & ~unsigned{CU_EVENT_RECORD_EXTERNAL}) == 0);
    const auto event = driver().events.get(handle);
    const auto stream = stream_of(context, stream_handle);
    require(event->context == stream->context, CUDA_ERROR_INVALID_HANDLE);
    event->asked = false;
    if (flags == CU_EVENT_RECORD_EXTERNAL) {
      record_in_graph(*event, *stream);
      return;
    }
    if (stream->capture != nullptr) {
      require(!stream->capture->invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
      event->capture = stream->capture;
      event->nodes = stream->frontier;
      event->point = Point();
      return;
    }
    const auto moment = std::make_shared<Moment>();
    enqueue(context, stream, Timestamp{moment});
    event->capture.reset();
    event->nodes.clear();
    event->moment = moment;
    event->point = {stream, stream->last};
  });
}

CUresult CUDAAPI cuEventRecord(CUevent handle, CUstream stream) { return cuEventRecordWithFlags(handle, stream, 0); }

CUresult CUDAAPI cuEventQuery(CUevent handle) {
  return in_context([&](Context&) {
    const auto event = driver().events.get(handle);
    refuse_captured(*event);
    refuse_unsafe();
    if (!event->complete() && !event->asked) {
      event->asked = true;
      throw Failure(CUDA_ERROR_NOT_READY);
    }
    wait(*event);
  });
}

CUresult CUDAAPI cuEventSynchronize(CUevent handle) {
  return in_context([&](Context&) {
    const auto event = driver().events.get(handle);
    refuse_captured(*event);
    refuse_unsafe();
    wait(*event);
  });
}

static CUresult elapsed(float* milliseconds, CUevent start, CUevent end) {
  return in_context([&](Context&) {
    require(milliseconds != nullptr);
    const auto from = driver().events.get(start);
    const auto to = driver().events.get(end);
    for (const auto& each : {from, to}) {
      refuse_captured(*each);
      require(each->moment != nullptr && (each->flags & CU_EVENT_DISABLE_TIMING) == 0, CUDA_ERROR_INVALID_HANDLE);
    }
    require(stamped(*from) && stamped(*to), CUDA_ERROR_NOT_READY);
    *milliseconds = std::chrono::duration<float, std::milli>(to->moment->time - from->moment->time).count();
  });
}

CUresult CUDAAPI cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  return elapsed(milliseconds, start, end);
}

// The header gives this name to the newer function.
#undef cuEventElapsedTime
CUresult CUDAAPI cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  return elapsed(milliseconds, start, end);
}
}
