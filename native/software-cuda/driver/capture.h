// Stream capture: work becomes nodes of a graph instead.
#ifndef DENSENET4J_SOFTWARE_CUDA_CAPTURE_H
#define DENSENET4J_SOFTWARE_CUDA_CAPTURE_H

#include <cuda.h>

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "operation.h"

namespace software_cuda {

struct Context;
struct Event;
struct Graph;
struct Stream;

struct Capture {
  uint64_t serial;
  CUstreamCaptureMode mode;
  std::thread::id thread;
  std::shared_ptr<Graph> graph;
  std::shared_ptr<Stream> origin;
  std::vector<std::shared_ptr<Stream>> streams;
  bool invalid = false;
  bool ended = false;
};

// Adds a node behind the stream's frontier.
void capture(Stream& stream, Operation operation);

// A wait of a stream for an event of which at least one is part of a capture.
void capture_wait(const std::shared_ptr<Stream>& stream, const Event& event);

// Throws Failure, and spoils the capture, if a capture forbids ...
// ... a call that could wait or allocate, by the captures' modes
void refuse_unsafe();
// ... a call that waits for this stream
void refuse_waiting(Stream& stream);
// ... a call that waits for all streams of a context
void refuse_waiting(Context& context);
// ... work in the context's legacy stream
void refuse_legacy(Context& context);

// The stream takes no further part; a capture that it is part of is spoilt.
void leave(Stream& stream);

}  // namespace software_cuda
#endif
