// y = conv3x3(relu(bn(z))) with z = conv1x1(relu(bn(x))), of layers of a dense block that follow each other, at
// inference. For images of up to 64 pixels.
// Moves 2 bytes a value of the first x and of each y, and weights from the cache, once an image.
//
// A block makes an image. Its features stay in shared memory, in planes, to which every layer appends its own, and are
// stored at the end; z is there alone. Weights come through a ring of slots, those of the next layer while this one is
// computed. Of eight warps four have the upper 32 pixels, four the lower; of these some have other channels of z, and
// the rest are parts of what a product sums over, which are put together in shared memory.
#include "bottleneck_layers.cuh"
#include "factors.cuh"
#include "neighbours.cuh"

namespace dn {

// An image in a block, and this thread's place in it.
template <class Layout>
class InferredImage {
  using T = typename Layout::T;
  static constexpr int kPlane = Layout::kPlane, kWarps = Layout::kThreads / 32;

 public:
  __device__ InferredImage(const BottleneckInferLayers<T>& p, char* memory)
      : p_(p),
        memory_(memory),
        width_(p.width),
        pixels_(p.height * p.width),
        first_(p.channels),
        end_(p.channels + p.layers * p.y_channels),
        features_(memory + Layout::kAffine + round_up(end_ - static_cast<int>(p.y_channels), kDepth<T>) * 8),
        products_(p.tf32) {
#pragma unroll
    for (int m = 0; m < 2; m++) {
      inside_[m] = neighbours_inside(row0_ + m * 16 + lane_ % 16, pixels_, static_cast<int>(p.height), width_);
    }
  }

  // x of the first layer, and zeros where there is none or none yet.
  __device__ __forceinline__ void load() const {
    const T* const image = place();
    for (int row = warp_; row < Layout::kRows; row += kWarps) {
      for (int plane = lane_; plane < planes_of<T>(end_, 2); plane += 32) {
        const int channel = plane * kVector<T>, bytes = row < pixels_ ? valid_bytes<T>(first_, channel) : 0;
        copy_async(shared_address(features_) + plane * kPlane + row * 16,
                   bytes > 0 ? image + row * p_.pitch + channel : image, bytes);
      }
    }
    commit_copies();
  }

  // What all layers have made.
  __device__ __forceinline__ void store() const {
    with_piece<T>(static_cast<int>(p_.y_width), [&](auto bytes) {
      constexpr int kBytes = decltype(bytes)::value, kWidth = kBytes / static_cast<int>(sizeof(T));
      using Type = typename Piece<kBytes>::Type;
      for (int row = warp_; row < pixels_; row += kWarps) {
        for (int channel = first_ + lane_ * kWidth; channel < end_; channel += 32 * kWidth) {
          const char* from = features_ + channel / kVector<T> * kPlane + row * 16 + channel % kVector<T> * sizeof(T);
          *reinterpret_cast<Type*>(place() + row * p_.pitch + channel) = *reinterpret_cast<const Type*>(from);
        }
      }
    });
  }

  // z, normalised, of so many channels of x.
  __device__ __forceinline__ void make_z(WeightRing<Layout>& weights, int channels) const {
    constexpr int kTiles = Layout::kZTiles, kParts = Layout::kParts;
    const int column = warp_ % Layout::kColumns, part = warp_ % 4 / Layout::kColumns;
    float acc[2][kTiles][4];
    clear(acc);
    const int planes = planes_of<T>(channels, 2);
#pragma unroll 1
    for (int plane = 0; plane < planes; plane += Layout::kPlanes) {
      const uint32_t slot = weights.next() + column * kTiles * 128;
      multiply_x(acc, slot, plane, min(Layout::kPlanes, planes - plane) / 2, part);
    }
    const int group = warp_ / 4 * Layout::kColumns + column;
    put_together<kParts>(acc, exchange() + group * kTiles * (kParts - 1) * 32, part, lane_,
                         [&](int m, int n, float4 sum) { store_z(sum, m, column * kTiles + n); });
  }

  // y, appended to so many channels of x.
  __device__ __forceinline__ void make_y(WeightRing<Layout>& weights, int channels) const {
    constexpr int kTiles = Layout::kYTiles;
    const int part = warp_ % 4;
    float acc[2][kTiles][4];
    clear(acc);
#pragma unroll 1
    for (int tap = 0; tap < 9; tap += Layout::kTaps) multiply_z(acc, weights.next(), tap, part);
    put_together<4>(acc, exchange() + warp_ / 4 * kTiles * 3 * 32, part, lane_,
                    [&](int m, int n, float4 sum) { append(sum, m, n * 8 + lane_ % 4 * 2, channels); });
  }

 private:
  __device__ T* place() const { return p_.features + static_cast<int64_t>(blockIdx.x) * pixels_ * p_.pitch; }
  __device__ float4* exchange() const { return reinterpret_cast<float4*>(memory_ + Layout::kExchange); }

  // So many steps of x from a plane on, by the weights of a slot.
  template <int kTiles>
  __device__ __forceinline__ void multiply_x(float (&acc)[2][kTiles][4], uint32_t slot, int plane, int steps,
                                             int part) const {
    const uint32_t w_at = slot + lane_by_planes(Layout::kZ * 16, lane_);
    const uint32_t x_at = shared_address(features_) + plane * kPlane + row0_ * 16 + lane_by_rows(kPlane, lane_);
    const char* const affine = memory_ + Layout::kAffine + plane * kVector<T> * 8;
    const auto* of_plane = reinterpret_cast<const RegisterAffine<T>*>(affine) + lane_ % 4;
#pragma unroll kUnrolled<T, 2>
    for (int k = part; k < steps; k += Layout::kParts) {
      const auto low_channels = of_plane[k * 8], high_channels = of_plane[k * 8 + 4];
      Factors<T> a[2];
#pragma unroll
      for (int m = 0; m < 2; m++) {
        uint32_t v[4];
        load_matrices(v, x_at + 2 * k * kPlane + m * 256);
#pragma unroll
        for (int j = 0; j < 4; j++) v[j] = normalize(v[j], j < 2 ? low_channels : high_channels);
        a[m] = products_.factors(v);
      }
      multiply(acc, a, w_at + 2 * k * Layout::kZ * 16);
    }
  }

  // The taps of a slot.
  template <int kTiles>
  __device__ __forceinline__ void multiply_z(float (&acc)[2][kTiles][4], uint32_t slot, int first_tap, int part) const {
    constexpr int kOfTap = Layout::kZPlanes / 2;
    const uint32_t zeros = shared_address(memory_), w_at = slot + lane_by_planes(Layout::kOut * 16, lane_);
    const uint32_t z_at = zeros + Layout::kZAt + row0_ * 16 + lane_by_rows(kPlane, lane_);
    const int steps = min(Layout::kTaps, 9 - first_tap) * kOfTap;
#pragma unroll kUnrolled<T, 2>
    for (int step = part; step < steps; step += 4) {
      const int tap = first_tap + step / kOfTap, k = step % kOfTap;
      const int shift = tap / 3 * (width_ - 3) + tap - width_ - 1;  // rows of the image above or below, and columns
      Factors<T> a[2];
#pragma unroll
      for (int m = 0; m < 2; m++) {
        const uint32_t at = z_at + 2 * k * kPlane + (shift + m * 16) * 16;
        uint32_t v[4];
        load_matrices(v, inside_[m] >> tap & 1 ? at : zeros + (at & 112));
        a[m] = products_.factors(v);
      }
      multiply(acc, a, w_at + 2 * step * Layout::kOut * 16);
    }
  }

  template <int kTiles>
  __device__ __forceinline__ void multiply(float (&acc)[2][kTiles][4], const Factors<T> (&a)[2], uint32_t w_at) const {
#pragma unroll
    for (int n = 0; n < kTiles; n += 2) {
      uint32_t w[4];
      load_matrices(w, w_at + n * 128);
      const Factors<T> b = products_.factors(w);
#pragma unroll
      for (int m = 0; m < 2; m++) {
        products_.add(acc[m][n], a[m], b, 0);
        products_.add(acc[m][n + 1], a[m], b, 2);
      }
    }
  }

  // A tile (16, 8) of sums becomes relu(bn(z)).
  __device__ __forceinline__ void store_z(float4 sum, int m, int tile) const {
    const char* const affine = memory_ + Layout::kZAffine + (tile * 8 + lane_ % 4 * 2) * 8;
    const auto of = *reinterpret_cast<const float4*>(affine);
    char* to = memory_ + Layout::kZAt + tile * 8 / kVector<T> * kPlane + (row0_ + m * 16 + lane_ / 4) * 16 +
               pair_offset<T>(kPlane, lane_);
    *reinterpret_cast<Pair<T>*>(to) = pack_relu<T>(fmaf(sum.x, of.x, of.y), fmaf(sum.y, of.z, of.w));
    *reinterpret_cast<Pair<T>*>(to + 128) = pack_relu<T>(fmaf(sum.z, of.x, of.y), fmaf(sum.w, of.z, of.w));
  }

  // A lane's part of a tile of y, from a channel of y on.
  __device__ __forceinline__ void append(float4 sum, int m, int of_y, int channels) const {
    const float values[4] = {sum.x, sum.y, sum.z, sum.w};
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const int channel = channels + of_y + j % 2;
      char* to = features_ + channel / kVector<T> * kPlane + (row0_ + m * 16 + lane_ / 4 + j / 2 * 8) * 16;
      if (of_y + j % 2 < p_.y_channels) reinterpret_cast<T*>(to)[channel % kVector<T>] = narrowed<T>(values[j]);
    }
  }

  const int lane_ = threadIdx.x % 32, warp_ = threadIdx.x / 32, row0_ = warp_ / 4 * 32;
  const BottleneckInferLayers<T>& p_;
  char* const memory_;
  const int width_, pixels_, first_, end_;  // channels of the first x, and with all that is appended
  char* const features_;
  const Products<T> products_;
  uint32_t inside_[2];
};

// The affine forms of a layer, on their way while the one before it is computed.
template <class Layout>
class LayerAffine {
  using T = typename Layout::T;

 public:
  __device__ __forceinline__ void load(const BottleneckInferLayers<T>& p, int layer) {
    const InferredLayer<T>& of = p.layer[layer];
    x_channels_ = p.channels + layer * p.y_channels;
    z_channels_ = p.z_channels;
    x_.load(of.mean, of.variance, of.gamma, of.beta, x_channels_);
    z_.load(of.z_mean, of.z_variance, of.z_gamma, of.z_beta, z_channels_);
  }

  __device__ __forceinline__ void store(char* memory) const {
    x_.store(reinterpret_cast<float2*>(memory + Layout::kAffine), x_channels_, round_up(x_channels_, kDepth<T>));
    z_.store(reinterpret_cast<float2*>(memory + Layout::kZAffine), z_channels_, Layout::kZ);
  }

 private:
  InferredAffine<T, 5, Layout::kThreads> x_;  // more channels than that have no room
  InferredAffine<T, 1, Layout::kThreads> z_;
  int x_channels_, z_channels_;
};

template <class Layout>
__device__ __forceinline__ void bottleneck_infer_layers(const BottleneckInferLayers<typename Layout::T>& p) {
  extern __shared__ __align__(128) char memory[];
  WeightRing<Layout> weights(p, shared_address(memory + Layout::kRing));
#pragma unroll
  for (int i = 0; i < Layout::kSlots - 1; i++) weights.fetch();
  LayerAffine<Layout> affine;
  affine.load(p, 0);
  if (threadIdx.x < 8) *reinterpret_cast<uint4*>(memory + threadIdx.x * 16) = make_uint4(0, 0, 0, 0);
  const InferredImage<Layout> image(p, memory);
  wait_for_predecessor();

  image.load();
  affine.store(memory);
  wait_copies<0>();
  let_successor_start();
  const int layers = p.layers, y_channels = p.y_channels;
#pragma unroll 1
  for (int i = 0, channels = p.channels; i < layers; i++, channels += y_channels) {
    image.make_z(weights, channels);
    const bool more = i + 1 < layers;
    if (more) affine.load(p, i + 1);
    image.make_y(weights, channels);
    if (more) affine.store(memory);
  }
  __syncthreads();  // the last y is there
  image.store();
}

}  // namespace dn

// Up to 48 channels of z and 16 of y (k = 12), and up to 128 and 32 (k = 32).
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_layers_48(const __grid_constant__ dn::BottleneckInferLayers<dn::bf16> p) {
  dn::bottleneck_infer_layers<dn::LayersLayout<dn::bf16, 1, 6, 2, 16, 9>>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_layers_128(const __grid_constant__ dn::BottleneckInferLayers<dn::bf16> p) {
  dn::bottleneck_infer_layers<dn::LayersLayout<dn::bf16, 2, 8, 4, 8, 2>>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_layers_48_fp32(const __grid_constant__ dn::BottleneckInferLayers<float> p) {
  dn::bottleneck_infer_layers<dn::LayersLayout<float, 1, 6, 2, 16, 3>>(p);
}
