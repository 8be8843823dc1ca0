// What bottleneck_infer_layers.cu has: parameters, shared memory, weights on their way, and sums of several warps.
#ifndef DENSENET4J_CUDA_BOTTLENECK_LAYERS_CUH
#define DENSENET4J_CUDA_BOTTLENECK_LAYERS_CUH

#include "norm.cuh"

namespace dn {

template <class T>
struct InferredLayer {
  const T* w1;        // whole stages of planes, (planes, w1_rows, kVector); zeros where it pads
  const T* w2;        // (9, w2_planes, w2_rows, kVector), zeros where it pads
  const float* mean;  // of x, and so on
  const float* variance;
  const float* gamma;
  const float* beta;
  const float* z_mean;
  const float* z_variance;
  const float* z_gamma;
  const float* z_beta;
};

template <class T>
struct BottleneckInferLayers {
  static constexpr int kMost = 32;

  T* features;  // (pixels, pitch): x of the first layer, y of each behind
  int64_t pitch;
  int64_t channels;  // of the first x
  int64_t y_channels;
  int64_t y_width;  // the most values, in 16 bytes, that address, pitch, channels and y_channels are multiples of
  int64_t z_channels;
  int64_t w1_rows;
  int64_t w2_planes;
  int64_t w2_rows;
  int64_t height;
  int64_t width;
  int64_t tf32;
  int64_t layers;
  InferredLayer<T> layer[kMost];
};

// columns of warps beside each other make kZ channels of z, of kParts parts each; four parts make kOut channels of y.
// A slot has so many planes of the 1x1 convolution's weights, or taps of the 3x3 one's.
template <class Value, int columns, int z_tiles, int y_tiles, int planes, int taps>
struct LayersLayout {
  using T = Value;
  static constexpr int kColumns = columns, kZTiles = z_tiles, kYTiles = y_tiles, kPlanes = planes, kTaps = taps;
  static constexpr int kRows = 64, kThreads = 256, kParts = 4 / kColumns, kSlots = 3;
  static constexpr int kZ = 8 * z_tiles * kColumns, kZPlanes = kZ / kVector<T>, kOut = 8 * y_tiles;
  static constexpr int kPlane = plane_bytes(kRows);
  static constexpr int kStage = kPlanes * kZ * 16, kTapsBytes = kTaps * kZPlanes * kOut * 16;
  static constexpr int kSlot = kStage > kTapsBytes ? kStage : kTapsBytes;
  static constexpr int kZExchanged = kColumns * z_tiles * (kParts - 1), kYExchanged = y_tiles * 3;  // tiles
  static constexpr int kExchanged = 2 * 512 * (kZExchanged > kYExchanged ? kZExchanged : kYExchanged);
  static constexpr int kZAffine = 128;  // behind the zeros that taps outside read, whatever bank they are in
  static constexpr int kZAt = kZAffine + kZ * 8, kExchange = kZAt + kZPlanes * kPlane;
  static constexpr int kRing = kExchange + kExchanged, kAffine = kRing + kSlots * kSlot;
};

// {scale, shift} of a thread's channels, read before they are wanted.
template <class T, int kEach, int kThreads>
class InferredAffine {
 public:
  __device__ __forceinline__ void load(const float* mean, const float* variance, const float* gamma, const float* beta,
                                       int channels) {
#pragma unroll
    for (int j = 0; j < kEach; j++) {
      const int c = threadIdx.x + j * kThreads;
      if (c < channels) of_[j] = make_float4(mean[c], variance[c], gamma[c], beta[c]);
    }
  }

  __device__ __forceinline__ void store(float2* to, int channels, int padded) const {
#pragma unroll
    for (int j = 0; j < kEach; j++) {
      const int c = threadIdx.x + j * kThreads;
      if (c < padded) {
        to[c] = c < channels ? scale_shift<T>(of_[j].x, of_[j].y, of_[j].z, of_[j].w) : make_float2(0, 0);
      }
    }
  }

 private:
  float4 of_[kEach];
};

// Sums of kParts warps, tile by tile: each warp puts some together, in an order that is always the same, and hands them
// to f(m, n, sum).
template <int kParts, int kTiles, class F>
__device__ __forceinline__ void put_together(const float (&acc)[2][kTiles][4], float4* exchange, int part, int lane,
                                             const F& f) {
#pragma unroll
  for (int m = 0; m < 2; m++) {
    if (m > 0) __syncthreads();  // what was exchanged before is read
#pragma unroll
    for (int n = 0; n < kTiles; n++) {
      const int owner = n % kParts, place = n * (kParts - 1) + part - (part > owner ? 1 : 0);
      if (part != owner) {
        exchange[place * 32 + lane] = make_float4(acc[m][n][0], acc[m][n][1], acc[m][n][2], acc[m][n][3]);
      }
    }
    __syncthreads();
#pragma unroll
    for (int n = 0; n < kTiles; n++) {
      if (part != n % kParts) continue;
      float4 sum = make_float4(acc[m][n][0], acc[m][n][1], acc[m][n][2], acc[m][n][3]);
#pragma unroll
      for (int i = 0; i < kParts - 1; i++) {
        const float4 more = exchange[(n * (kParts - 1) + i) * 32 + lane];
        sum = make_float4(sum.x + more.x, sum.y + more.y, sum.z + more.z, sum.w + more.w);
      }
      f(m, n, sum);
    }
  }
}

// The weights of all layers in the order in which they are read: planes of the 1x1 convolution, then taps of the 3x3.
template <class Layout>
class WeightRing {
  using T = typename Layout::T;
  static constexpr int kPlanes = Layout::kPlanes, kTaps = Layout::kTaps;

 public:
  __device__ WeightRing(const BottleneckInferLayers<T>& p, uint32_t ring)
      : p_(p), ring_(ring), planes_(planes_of<T>(static_cast<int>(p.channels), 2)) {}

  // Copies into the slot that was read before the one that is read now.
  __device__ __forceinline__ void fetch() {
    constexpr int kZ = Layout::kZ, kOut = Layout::kOut, kZPlanes = Layout::kZPlanes;
    if (layer_ < p_.layers) {
      const InferredLayer<T>& layer = p_.layer[layer_];
      const uint32_t to = ring_ + to_ * Layout::kSlot;
      if (plane_ < planes_) {
        for (int i = threadIdx.x; i < min(kPlanes, planes_ - plane_) * kZ; i += Layout::kThreads) {
          copy_async(to + i * 16, layer.w1 + ((plane_ + i / kZ) * p_.w1_rows + i % kZ) * kVector<T>, 16);
        }
        plane_ += kPlanes;
      } else {
        for (int i = threadIdx.x; i < min(kTaps, 9 - tap_) * kZPlanes * kOut; i += Layout::kThreads) {
          const int tap = tap_ + i / (kZPlanes * kOut), plane = i / kOut % kZPlanes;
          const int64_t row = (tap * p_.w2_planes + plane) * p_.w2_rows + i % kOut;
          const bool there = plane < p_.w2_planes;
          copy_async(to + i * 16, there ? layer.w2 + row * kVector<T> : layer.w2, there ? 16 : 0);
        }
        tap_ += kTaps;
        if (tap_ >= 9) {
          layer_++;
          plane_ = tap_ = 0;
          planes_ = planes_of<T>(static_cast<int>(p_.channels + layer_ * p_.y_channels), 2);
        }
      }
      to_ = to_ + 1 == Layout::kSlots ? 0 : to_ + 1;
    }
    commit_copies();
  }

  // The next slot, once its copies have come, and nobody reads the one before it any more.
  __device__ __forceinline__ uint32_t next() {
    wait_copies<Layout::kSlots - 2>();
    __syncthreads();
    fetch();
    const uint32_t slot = ring_ + from_ * Layout::kSlot;
    from_ = from_ + 1 == Layout::kSlots ? 0 : from_ + 1;
    return slot;
  }

 private:
  const BottleneckInferLayers<T>& p_;
  uint32_t ring_;
  int planes_, layer_ = 0, plane_ = 0, tap_ = 0, to_ = 0, from_ = 0;
};

}  // namespace dn
#endif
