// Weights as convolutions read them, (taps, planes, rows, kVector) with zeros where they pad, from float32 ones,
// (outputs, channels, taps). Moves 6 bytes a value, or 8.
#include "grid.cuh"
#include "planes.cuh"
#include "weights.cuh"

namespace dn {

template <class T>
struct PackedWeights {
  int64_t first;  // vectors of all tensors before
  const float* from;
  T* to;
  int64_t outputs;
  int64_t channels;
  int64_t taps;
  int64_t planes;
  int64_t rows;
};

template <class T>
__device__ __forceinline__ void weights_pack(const PackedWeights<T>* tensors, int64_t count, int64_t vectors) {
  for (int64_t i = thread_index(); i < vectors; i += thread_count()) {
    const PackedWeights<T>& t = row_of(tensors, count, i);
    const auto at = static_cast<uint32_t>(i - t.first), rows = static_cast<uint32_t>(t.rows);
    const uint32_t line = at / rows, planes = static_cast<uint32_t>(t.planes);
    const int64_t row = at - line * rows, tap = line / planes, channel = line % planes * kVector<T>;
    const float* from = t.from + (row * t.channels + channel) * t.taps + tap;
    float values[kVector<T>];
#pragma unroll
    for (int j = 0; j < kVector<T>; j++) {
      values[j] = row < t.outputs && channel + j < t.channels ? from[j * t.taps] : 0;
    }
    *reinterpret_cast<uint4*>(t.to + at * static_cast<int64_t>(kVector<T>)) = packed(values);
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_weights_pack(const dn::PackedWeights<dn::bf16>* tensors, int64_t count, int64_t vectors) {
  dn::weights_pack(tensors, count, vectors);
}

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_weights_pack_fp32(const dn::PackedWeights<float>* tensors, int64_t count, int64_t vectors) {
  dn::weights_pack(tensors, count, vectors);
}
