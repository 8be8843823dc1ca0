// Events.
#ifndef DENSENET4J_SOFTWARE_CUDA_EVENT_H
#define DENSENET4J_SOFTWARE_CUDA_EVENT_H

#include <cuda.h>

#include <memory>
#include <vector>

#include "stream.h"

namespace software_cuda {

struct Event {
  CUevent handle = nullptr;
  Context* context = nullptr;
  unsigned flags = 0;
  // Where it was recorded last; no stream: never.
  Point point;
  std::shared_ptr<Moment> moment;
  bool asked = false;
  // If that was in a capture: the capture, and the nodes it stands for.
  std::shared_ptr<Capture> capture;
  std::vector<std::shared_ptr<Node>> nodes;

  bool complete() const { return point.stream == nullptr || point.stream->done >= point.ticket; }
};

}  // namespace software_cuda
#endif
