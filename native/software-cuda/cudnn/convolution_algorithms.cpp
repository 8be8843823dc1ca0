// The algorithms of cuDNN's tables. All do the same arithmetic here and differ in what the documentation says of them:
// which layouts and filters they take, whether they are deterministic, and how much workspace they need.
#include "convolution.h"

namespace software_cudnn {

int64_t output_size(const cudnnConvolutionStruct& desc, const Shape& x, const Shape& w, int axis) {
  const int64_t window = (w.size[kH + axis] - 1) * desc.dilation[axis] + 1;
  const int64_t beyond = x.size[kH + axis] + 2 * desc.pad[axis] - window;
  return beyond < 0 ? 0 : beyond / desc.stride[axis] + 1;
}

Convolution convolution(cudnnTensorDescriptor_t x_desc, cudnnFilterDescriptor_t w_desc,
                        cudnnConvolutionDescriptor_t desc, cudnnTensorDescriptor_t y_desc) {
  require_set(x_desc);
  require_set(w_desc);
  require_set(desc);
  require_set(y_desc);
  require_parameter(x_desc->type == w_desc->type && x_desc->type == y_desc->type, "the tensors are of different types");
  const Shape x = shape(x_desc), y = shape(y_desc), &w = w_desc->shape;
  require_support(desc->compute_type == CUDNN_DATA_FLOAT, "only a compute type of CUDNN_DATA_FLOAT is supported");
  require_parameter(x.n() == y.n(), "input and output are of different batch sizes");
  require_parameter(x.c() == w.c() * desc->groups, "the input's channels are not the filter's times the groups");
  require_parameter(y.c() == w.n(), "the output's channels are not the filter's");
  require_parameter(w.n() % desc->groups == 0, "the filters cannot be divided among the groups");
  require_parameter(y.h() == output_size(*desc, x, w, 0) && y.w() == output_size(*desc, x, w, 1),
                    "the output's height or width is not what the convolution gives");
  Convolution result = {x, w, y, w_desc->format, {}, {}, {}, desc->groups, desc->mode == CUDNN_CONVOLUTION, desc->math};
  for (int axis = 0; axis < 2; axis++) {
    result.pad[axis] = desc->pad[axis];
    result.stride[axis] = desc->stride[axis];
    result.dilation[axis] = desc->dilation[axis];
  }
  return result;
}

namespace {

// What an algorithm needs of the convolution.
enum Need : unsigned { kAny = 0, kNoDilation = 1, kTile3 = 2, kTile3Or5 = 4, kMissing = 8 };

struct Algorithm {
  unsigned need;
  bool deterministic;
  bool krsc;     // whether it takes KRSC filters
  double speed;  // operations a nanosecond that the heuristics expect
};

const Algorithm kForward[] = {
    {kAny, true, true, 2.0},        {kNoDilation, true, true, 4.0}, {kNoDilation, true, false, 1.0},
    {kMissing, true, false, 1.0},   {kMissing, true, false, 1.0},   {kMissing, true, false, 1.0},
    {kTile3, true, false, 3.5},     {kTile3Or5, true, false, 3.0},
};
const int kForwardBySpeed[] = {1, 6, 7, 0, 2, 3, 4, 5};

const Algorithm kBackwardData[] = {
    {kAny, false, true, 4.0},     {kAny, true, true, 3.5},    {kMissing, true, false, 1.0},
    {kMissing, true, false, 1.0}, {kTile3, true, false, 3.0}, {kTile3Or5, true, false, 2.5},
};
const int kBackwardDataBySpeed[] = {0, 1, 4, 5, 2, 3};

const Algorithm kBackwardFilter[] = {
    {kAny, false, true, 4.0},     {kAny, true, true, 3.0},         {kMissing, true, false, 1.0},
    {kNoDilation, false, false, 3.5}, {kMissing, true, false, 1.0}, {kTile3Or5, true, false, 2.5},
    {kMissing, true, false, 1.0},
};
const int kBackwardFilterBySpeed[] = {0, 3, 1, 5, 2, 4, 6};

const Algorithm& algorithm_of(Direction direction, int algorithm) {
  switch (direction) {
    case Direction::kForward: return kForward[algorithm];
    case Direction::kBackwardData: return kBackwardData[algorithm];
    case Direction::kBackwardFilter: break;
  }
  return kBackwardFilter[algorithm];
}

bool is_tile(const Convolution& convolution, bool or_five) {
  const int64_t size = convolution.w.h();
  return convolution.w.w() == size && (size == 3 || (or_five && size == 5));
}

const char* unmet(unsigned need, const Convolution& convolution) {
  if (need == kMissing) return "this algorithm is not implemented";
  const bool dilated = convolution.dilation[0] != 1 || convolution.dilation[1] != 1;
  if (need != kAny && dilated) return "this algorithm takes no dilation";
  if (need == kTile3 || need == kTile3Or5) {
    if (convolution.stride[0] != 1 || convolution.stride[1] != 1) return "Winograd's algorithm takes no stride";
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

int algorithms(Direction direction) {
  switch (direction) {
    case Direction::kForward: return CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
    case Direction::kBackwardData: return CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
    case Direction::kBackwardFilter: break;
  }
  return CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT;
}

const int* algorithms_by_speed(Direction direction) {
  switch (direction) {
    case Direction::kForward: return kForwardBySpeed;
    case Direction::kBackwardData: return kBackwardDataBySpeed;
    case Direction::kBackwardFilter: break;
  }
  return kBackwardFilterBySpeed;
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
