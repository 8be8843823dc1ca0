// Order of work within and between streams.
#include "stream.h"

#include <algorithm>
#include <map>

#include "driver.h"
#include "faults.h"

namespace software_cuda {

namespace {

uint64_t next_ticket() {
  static uint64_t last = 0;
  return ++last;
}

// The legacy stream comes after all work of blocking streams, and before what they get later.
void order_by_legacy(Context& context, const std::shared_ptr<Stream>& stream, std::vector<Point>* after) {
  if (stream != context.legacy) {
    if (stream->blocking() && context.legacy->busy()) after->push_back({context.legacy, context.legacy->last});
    return;
  }
  for (const auto& each : streams_of(context)) {
    if (each != stream && each->blocking() && each->busy()) after->push_back({each, each->last});
  }
}

void append(Context& context, const std::shared_ptr<Stream>& stream, Operation operation, std::vector<Point> after) {
  order_by_legacy(context, stream, &after);
  if (std::holds_alternative<WaitValue>(operation)) {
    for (const auto& each : streams_of(context)) after.push_back({each, each->last});
  }
  stream->last = next_ticket();
  stream->asked = false;
  stream->pending.push_back({stream->last, std::move(operation), std::move(after)});
}

void run_first(Stream& stream) {
  const Pending work = std::move(stream.pending.front());
  stream.pending.pop_front();
  try {
    run(work.operation);
  } catch (const Failure& failure) {
    lose(*stream.context, failure.code, failure.what());
  } catch (const KernelFault& fault) {
    lose(*stream.context, code_of(fault.kind), fault.what());
  } catch (const std::exception& unexpected) {
    lose(*stream.context, CUDA_ERROR_LAUNCH_FAILED, unexpected.what());
  }
  stream.done = work.ticket;
}

}  // namespace

std::shared_ptr<Stream> stream_of(Context& context, CUstream handle) {
  if (handle == nullptr || handle == CU_STREAM_LEGACY) return context.legacy;
  if (handle == CU_STREAM_PER_THREAD) return context.per_thread;
  return driver().streams.get(handle);
}

std::vector<std::shared_ptr<Stream>> streams_of(const Context& context) {
  std::vector<std::shared_ptr<Stream>> streams = driver().streams.of(&context);
  streams.push_back(context.per_thread);
  streams.push_back(context.legacy);
  return streams;
}

void drop_work(const Context& context) {
  for (const auto& stream : streams_of(context)) {
    stream->pending.clear();
    stream->done = stream->last;
  }
}

void enqueue(Context& context, const std::shared_ptr<Stream>& stream, Operation operation, std::vector<Point> after) {
  require(stream->context == &context, CUDA_ERROR_INVALID_HANDLE);
  if (stream->capture != nullptr) {
    capture(*stream, std::move(operation));
    return;
  }
  if (stream == context.legacy) refuse_legacy(context);
  append(context, stream, std::move(operation), std::move(after));
}

void do_now(Context& context, Operation operation) {
  refuse_unsafe();
  enqueue(context, context.legacy, std::move(operation));
  synchronize(context.legacy);
}

void run_until(std::vector<Point> goals) {
  std::map<std::shared_ptr<Stream>, uint64_t> until;
  while (!goals.empty()) {
    const Point goal = std::move(goals.back());
    goals.pop_back();
    uint64_t& reached = until[goal.stream];
    if (goal.ticket <= reached || goal.ticket <= goal.stream->done) continue;
    for (const Pending& each : goal.stream->pending) {
      if (each.ticket > goal.ticket) break;
      if (each.ticket > reached) goals.insert(goals.end(), each.after.begin(), each.after.end());
    }
    reached = goal.ticket;
  }
  for (;;) {
    Stream* next = nullptr;
    for (const auto& [stream, ticket] : until) {
      if (stream->pending.empty() || stream->pending.front().ticket > ticket) continue;
      if (next == nullptr || stream->pending.front().ticket < next->pending.front().ticket) next = stream.get();
    }
    if (next == nullptr) return;
    run_first(*next);
  }
}

void settle(Context& context) {
  if (context.lost == CUDA_SUCCESS) check_guards(context);
  require(context.lost == CUDA_SUCCESS, context.lost);
}

void synchronize(const std::shared_ptr<Stream>& stream) {
  run_until({{stream, stream->last}});
  settle(*stream->context);
}

void synchronize(Context& context) {
  std::vector<Point> goals;
  for (const auto& stream : streams_of(context)) goals.push_back({stream, stream->last});
  run_until(std::move(goals));
  settle(context);
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuStreamCreateWithPriority(CUstream* result, unsigned flags, int priority) {
  return in_context([&](Context& context) {
    require(result != nullptr && (flags & ~unsigned{CU_STREAM_NON_BLOCKING}) == 0);
    auto stream = std::make_shared<Stream>();
    stream->context = &context;
    stream->flags = flags;
    stream->priority = std::min(0, std::max(-5, priority));
    *result = driver().streams.add(stream);
  });
}

CUresult CUDAAPI cuStreamCreate(CUstream* result, unsigned flags) {
  return cuStreamCreateWithPriority(result, flags, 0);
}

CUresult CUDAAPI cuStreamDestroy(CUstream handle) {
  return in_context([&](Context&) {
    const auto stream = driver().streams.get(handle);
    leave(*stream);
    run_until({{stream, stream->last}});
    driver().streams.remove(handle);
    settle(*stream->context);
  });
}

CUresult CUDAAPI cuStreamSynchronize(CUstream handle) {
  return in_context([&](Context& context) {
    const auto stream = stream_of(context, handle);
    refuse_waiting(*stream);
    if (stream == context.legacy) refuse_legacy(context);
    std::vector<Point> goals{{stream, stream->last}};
    if (stream == context.legacy) order_by_legacy(context, stream, &goals);
    run_until(std::move(goals));
    settle(*stream->context);
  });
}

CUresult CUDAAPI cuStreamQuery(CUstream handle) {
  return in_context([&](Context& context) {
    const auto stream = stream_of(context, handle);
    refuse_waiting(*stream);
    if (stream->busy() && !stream->asked) {
      stream->asked = true;
      throw Failure(CUDA_ERROR_NOT_READY);
    }
    synchronize(stream);
  });
}

CUresult CUDAAPI cuStreamWaitEvent(CUstream handle, CUevent event, unsigned flags) {
  return in_context([&](Context& context) {
    require(flags == 0, CUDA_ERROR_NOT_SUPPORTED);
    const auto stream = stream_of(context, handle);
    const auto waited = driver().events.get(event);
    if (stream->capture != nullptr || waited->capture != nullptr) {
      capture_wait(stream, *waited);
    } else if (!waited->complete()) {
      enqueue(context, stream, Nothing(), {waited->point});
    }
  });
}

CUresult CUDAAPI cuStreamGetPriority(CUstream handle, int* priority) {
  return in_context([&](Context& context) {
    require(priority != nullptr);
    *priority = stream_of(context, handle)->priority;
  });
}

CUresult CUDAAPI cuStreamGetFlags(CUstream handle, unsigned* flags) {
  return in_context([&](Context& context) {
    require(flags != nullptr);
    *flags = stream_of(context, handle)->flags;
  });
}

CUresult CUDAAPI cuStreamGetId(CUstream handle, unsigned long long* id) {
  return in_context([&](Context& context) {
    require(id != nullptr);
    *id = reinterpret_cast<uintptr_t>(stream_of(context, handle)->handle);
  });
}

CUresult CUDAAPI cuStreamGetCtx(CUstream handle, CUcontext* result) {
  return in_context([&](Context& context) {
    require(result != nullptr);
    *result = stream_of(context, handle)->context->handle;
  });
}

CUresult CUDAAPI cuStreamWriteValue32(CUstream handle, CUdeviceptr address, cuuint32_t value, unsigned) {
  return in_context([&](Context& context) {
    require(address % 4 == 0 && driver().memory.at(address, 4) != nullptr);
    const auto stream = stream_of(context, handle);
    require(stream->capture == nullptr, CUDA_ERROR_NOT_SUPPORTED);
    enqueue(context, stream, WriteValue{address, value});
  });
}

CUresult CUDAAPI cuStreamWaitValue32(CUstream handle, CUdeviceptr address, cuuint32_t value, unsigned flags) {
  return in_context([&](Context& context) {
    require(address % 4 == 0 && driver().memory.at(address, 4) != nullptr);
    const auto stream = stream_of(context, handle);
    require(stream->capture == nullptr, CUDA_ERROR_NOT_SUPPORTED);
    enqueue(context, stream, WaitValue{address, value, flags});
  });
}
}
