// What can be done in stream order: one piece of work, in a stream or as a node of a graph.
#ifndef DENSENET4J_SOFTWARE_CUDA_OPERATION_H
#define DENSENET4J_SOFTWARE_CUDA_OPERATION_H

#include <cuda.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "../ptx/executor.h"

namespace software_cuda {

struct Function;

struct Nothing {};

struct KernelCall {
  std::shared_ptr<const Function> function;
  Dimensions grid, block;
  uint32_t dynamic_shared_bytes;
  std::vector<std::byte> parameters;
};

// A library's host code that stands in for a kernel.
struct LibraryCall {
  std::string name;
  int (*run)(const void*);
  std::vector<std::byte> arguments;
};

// Up to three dimensions, width in bytes. An address outside device and pinned memory is the host's.
struct Copy {
  struct Side {
    uint64_t address;
    size_t pitch, slice;
  };
  Side to, from;
  size_t width, height, depth;
};

// Elements of 1, 2 or 4 bytes, width in elements.
struct Fill {
  uint64_t to;
  size_t pitch;
  uint32_t value;
  unsigned element;
  size_t width, height;
};

struct HostCall {
  CUhostFn function;
  void* data;
};

struct WriteValue {
  uint64_t to;
  uint32_t value;
};

struct WaitValue {
  uint64_t at;
  uint32_t value;
  unsigned flags;
};

// An event's time.
struct Moment {
  std::chrono::steady_clock::time_point time;
};

struct Timestamp {
  std::shared_ptr<Moment> moment;
};

struct Plan;

struct GraphRun {
  std::shared_ptr<const Plan> plan;
};

using Operation = std::variant<Nothing, KernelCall, LibraryCall, Copy, Fill, HostCall, WriteValue, WaitValue, Timestamp,
                               GraphRun>;

// A graph that is ready to run: each step after those it names.
struct Plan {
  struct Step {
    Operation operation;
    std::vector<size_t> after;
  };
  std::vector<Step> steps;
};

// Throw Failure if an address is wrong.
void check(const Copy& copy);
void check(const Fill& fill);

// Does it now. Throws Failure or KernelFault.
void run(const Operation& operation);

// True on the thread that runs a host function or a library's code just now, which must not call the driver.
bool in_host_code();

}  // namespace software_cuda
#endif
