// bfloat16 weights as convolutions read them, (taps, planes, rows, 8) with zeros where they pad, from float32 ones,
// (outputs, channels, taps). Moves 6 bytes a value.
#include "grid.cuh"
#include "planes.cuh"
#include "weights.cuh"

namespace dn {

struct PackedWeights {
  int64_t first;  // vectors of all tensors before
  const float* from;
  bf16* to;
  int64_t outputs;
  int64_t channels;
  int64_t taps;
  int64_t planes;
  int64_t rows;
};

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_weights_pack(const dn::PackedWeights* tensors, int64_t count, int64_t vectors) {
  using namespace dn;
  for (int64_t i = thread_index(); i < vectors; i += thread_count()) {
    const PackedWeights& t = row_of(tensors, count, i);
    const auto at = static_cast<uint32_t>(i - t.first), rows = static_cast<uint32_t>(t.rows);
    const uint32_t line = at / rows, planes = static_cast<uint32_t>(t.planes);
    const int64_t row = at - line * rows, tap = line / planes, channel = line % planes * kVector;
    const float* from = t.from + (row * t.channels + channel) * t.taps + tap;
    float values[kVector];
#pragma unroll
    for (int j = 0; j < kVector; j++) {
      values[j] = row < t.outputs && channel + j < t.channels ? from[j * t.taps] : 0;
    }
    *reinterpret_cast<uint4*>(t.to + at * static_cast<int64_t>(kVector)) = make_uint4(
        pack(values[0], values[1]), pack(values[2], values[3]), pack(values[4], values[5]), pack(values[6], values[7]));
  }
}
