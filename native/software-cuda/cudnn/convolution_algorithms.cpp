// The algorithms of cuDNN's tables. All do the same arithmetic here and differ in what the documentation says of them:
// which layouts and filters they take, whether they are deterministic, and how much workspace they need.
#include "convolution_algorithms.h"

#include <algorithm>
#include <numeric>

namespace software_cudnn {

namespace {

// What an algorithm needs of the convolution.
enum Need { kAny, kNoDilation, kTile3, kTile3Or5, kMissing };

struct Algorithm {
  Need need;
  bool deterministic;
  bool krsc;     // whether it takes KRSC filters
  double speed;  // operations a nanosecond that the heuristics expect
};

const Algorithm kForward[CUDNN_CONVOLUTION_FWD_ALGO_COUNT] = {
    {kAny, true, true, 2.0},        {kNoDilation, true, true, 4.0}, {kNoDilation, true, false, 1.0},
    {kMissing, true, false, 1.0},   {kMissing, true, false, 1.0},   {kMissing, true, false, 1.0},
    {kTile3, true, false, 3.5},     {kTile3Or5, true, false, 3.0},
};

const Algorithm kBackwardData[CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT] = {
    {kAny, false, true, 4.0},     {kAny, true, true, 3.5},    {kMissing, true, false, 1.0},
    {kMissing, true, false, 1.0}, {kTile3, true, false, 3.0}, {kTile3Or5, true, false, 2.5},
};

const Algorithm kBackwardFilter[CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT] = {
    {kAny, false, true, 4.0},     {kAny, true, true, 3.0},         {kMissing, true, false, 1.0},
    {kNoDilation, false, false, 3.5}, {kMissing, true, false, 1.0}, {kTile3Or5, true, false, 2.5},
    {kMissing, true, false, 1.0},
};

// A direction's algorithms, by their numbers in its enumeration.
struct Table {
  const Algorithm* algorithms;
  int count;
};

Table table(Direction direction) {
  switch (direction) {
    case Direction::kForward: return {kForward, CUDNN_CONVOLUTION_FWD_ALGO_COUNT};
    case Direction::kBackwardData: return {kBackwardData, CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT};
    case Direction::kBackwardFilter: break;
  }
  return {kBackwardFilter, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT};
}

const Algorithm& algorithm_of(Direction direction, int algorithm) { return table(direction).algorithms[algorithm]; }

bool is_tile(const Convolution& convolution, bool or_five) {
  const int64_t size = convolution.w.h();
  return convolution.w.w() == size && (size == 3 || (or_five && size == 5));
}

const char* unmet(Need need, const Convolution& convolution) {
  if (need == kMissing) return "this algorithm is not implemented";
  const cudnnConvolutionStruct& desc = convolution.desc;
  if (need != kAny && (desc.dilation[0] != 1 || desc.dilation[1] != 1)) return "this algorithm takes no dilation";
  if (need == kTile3 || need == kTile3Or5) {
    if (desc.stride[0] != 1 || desc.stride[1] != 1) return "Winograd's algorithm takes no stride";
    if (!is_tile(convolution, need == kTile3Or5)) return "Winograd's algorithm takes no filter of this size";
  }
  return nullptr;
}

size_t rounded(int64_t floats) { return (static_cast<size_t>(floats) * sizeof(float) + 255) / 256 * 256; }

// Transformed tiles of 4 x 4 for every 2 x 2 outputs.
int64_t winograd_floats(const Convolution& convolution) {
  const Shape &x = convolution.x, &w = convolution.w, &y = convolution.y;
  const int64_t tiles = x.n() * ((y.h() + 1) / 2) * ((y.w() + 1) / 2);
  return 16 * (tiles * (x.c() + y.c()) + w.n() * w.c());
}

}  // namespace

int algorithms(Direction direction) { return table(direction).count; }

std::vector<int> algorithms_by_speed(Direction direction) {
  std::vector<int> order(static_cast<size_t>(algorithms(direction)));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return algorithm_of(direction, a).speed > algorithm_of(direction, b).speed;
  });
  return order;
}

const char* unsupported(Direction direction, int algorithm, const Convolution& convolution) {
  const Algorithm& properties = algorithm_of(direction, algorithm);
  if (const char* reason = unmet(properties.need, convolution)) return reason;
  if (convolution.format == CUDNN_TENSOR_NHWC) {
    if (!properties.krsc) return "this algorithm takes no KRSC filters";
    const bool packed = convolution.x.packed_nhwc() && convolution.y.packed_nhwc();
    if (!packed) return "KRSC filters need fully packed NHWC tensors";
  } else if (direction != Direction::kForward && !convolution.y.packed_chw()) {
    return "KCRS filters need an output gradient that is NCHW with C, H and W packed";
  }
  return nullptr;
}

size_t workspace_bytes(Direction direction, int algorithm, const Convolution& convolution) {
  const Shape &w = convolution.w, &y = convolution.y;
  switch (direction) {
    case Direction::kForward:
      if (algorithm == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM) return rounded(w.c() * convolution.taps());
      if (algorithm == CUDNN_CONVOLUTION_FWD_ALGO_GEMM) return rounded(w.c() * convolution.taps() * y.h() * y.w());
      if (algorithm == CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED) return rounded(winograd_floats(convolution));
      return 0;
    case Direction::kBackwardData:
      if (algorithm == CUDNN_CONVOLUTION_BWD_DATA_ALGO_1) return rounded(w.elements());
      if (algorithm == CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED) return rounded(winograd_floats(convolution));
      return 0;
    case Direction::kBackwardFilter: break;
  }
  if (algorithm == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1) return rounded(2 * w.elements());
  if (algorithm == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3) return rounded(w.elements());
  if (algorithm == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED) return rounded(winograd_floats(convolution));
  return 0;
}

bool deterministic(Direction direction, int algorithm) { return algorithm_of(direction, algorithm).deterministic; }

float milliseconds(Direction direction, int algorithm, const Convolution& convolution) {
  return static_cast<float>(convolution.operations() / algorithm_of(direction, algorithm).speed * 1e-6);
}

void require_algorithm(Direction direction, int algorithm, const Convolution& convolution) {
  require_parameter(algorithm >= 0 && algorithm < algorithms(direction), "the algorithm is none");
  if (const char* reason = unsupported(direction, algorithm, convolution)) {
    throw Refusal{CUDNN_STATUS_NOT_SUPPORTED, reason};
  }
}

void require_workspace(Direction direction, int algorithm, const Convolution& convolution, const void* workspace,
                       size_t bytes) {
  const size_t needed = workspace_bytes(direction, algorithm, convolution);
  if (needed == 0 || (workspace != nullptr && bytes >= needed)) return;
  throw Refusal{CUDNN_STATUS_BAD_PARAM, "the algorithm needs " + std::to_string(needed) + " bytes of workspace"};
}

}  // namespace software_cudnn
