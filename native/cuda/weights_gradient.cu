// The gradients of several convolutions' weights, (outputs, channels, taps): sums of the partial ones, (parts, taps,
// outputs, channels), that blocks have left, in one order. Moves 4 bytes a value and part.
#include "grid.cuh"
#include "weights.cuh"

namespace dn {

struct PartialGradients {
  int64_t first;  // values of all tensors before
  const float* from;
  float* to;
  int64_t parts;
  int64_t outputs;
  int64_t channels;
  int64_t taps;
};

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_weights_gradient(const dn::PartialGradients* tensors, int64_t count, int64_t values) {
  using namespace dn;
  for (int64_t i = thread_index(); i < values; i += thread_count()) {
    const PartialGradients& t = row_of(tensors, count, i);
    const int64_t size = t.outputs * t.channels * t.taps;
    const auto at = static_cast<uint32_t>(i - t.first), channels = static_cast<uint32_t>(t.channels);
    const float* from = t.from + at;
    float sum = 0;
#pragma unroll 4
    for (int64_t part = 0; part < t.parts; part++) sum += from[part * size];
    const uint32_t line = at / channels, outputs = static_cast<uint32_t>(t.outputs), tap = line / outputs;
    const int64_t output = line - tap * outputs, channel = at - line * channels;
    t.to[(output * t.channels + channel) * t.taps + tap] = sum;
  }
}
