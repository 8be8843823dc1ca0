// Streams. Work is done only when somebody waits for it, and then no more of it than they wait for, in the order in
// which it was enqueued: what a caller forgot to wait for has not happened.
#ifndef DENSENET4J_SOFTWARE_CUDA_STREAM_H
#define DENSENET4J_SOFTWARE_CUDA_STREAM_H

#include <cuda.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "operation.h"

namespace software_cuda {

struct Capture;
struct Context;
struct Node;
struct Stream;

// The work of a stream up to and with a ticket.
struct Point {
  std::shared_ptr<Stream> stream;
  uint64_t ticket = 0;
};

struct Pending {
  uint64_t ticket;
  Operation operation;
  std::vector<Point> after;
};

struct Stream {
  CUstream handle = nullptr;
  Context* context = nullptr;
  unsigned flags = 0;
  int priority = 0;
  std::deque<Pending> pending;
  // Tickets of the work enqueued last and done last.
  uint64_t last = 0, done = 0;
  // Whether somebody has been told that this work is not ready.
  bool asked = false;
  std::shared_ptr<Capture> capture;
  // While capturing: the nodes that the next one comes after.
  std::vector<std::shared_ptr<Node>> frontier;

  bool busy() const { return done < last; }
  bool blocking() const { return (flags & CU_STREAM_NON_BLOCKING) == 0; }
};

// The stream of a handle; null, CU_STREAM_LEGACY and CU_STREAM_PER_THREAD are the context's own.
std::shared_ptr<Stream> stream_of(Context& context, CUstream handle);

// All of a context, its own ones too.
std::vector<std::shared_ptr<Stream>> streams_of(const Context& context);

// Forgets what has not been done: whoever waits for it waits no more.
void drop_work(const Context& context);

// Appends work, or a node if the stream is capturing.
void enqueue(Context& context, const std::shared_ptr<Stream>& stream, Operation operation,
             std::vector<Point> after = {});

// Appends work to the legacy stream and does it: what calls that wait do.
void do_now(Context& context, Operation operation);

// Does what these points need.
void run_until(std::vector<Point> goals);

// After some work: throws Failure if it has cost the context.
void settle(Context& context);

// Does all work of a stream or context, and settles.
void synchronize(const std::shared_ptr<Stream>& stream);
void synchronize(Context& context);

}  // namespace software_cuda
#endif
