// y = conv3x3(relu(bn(z))) with z = conv1x1(relu(bn(x))), of layers of a dense block that follow each other, at
// inference. For images of up to 64 pixels.
// Moves 2 bytes a value of the first x and of each y, and weights from the cache, once an image.
//
// A block makes an image. Its features stay in shared memory, in planes, to which every layer appends its own, and are
// stored at the end; z is there alone. Weights come through a ring of slots, those of the next layer while this one is
// computed. Of eight warps four have the upper 32 pixels, four the lower; of these some have other channels of z, and
// the rest are parts of what a product sums over, which are put together in shared memory.
#include "factors.cuh"
#include "neighbours.cuh"
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

// kColumns warps beside each other make kZ channels of z, of kParts parts each; four parts make kOut channels of y.
template <class T, int kColumns, int z_tiles, int y_tiles, int kPlanes, int kTaps>
struct LayersLayout {
  static constexpr int kRows = 64, kThreads = 256, kParts = 4 / kColumns, kSlots = 3;
  static constexpr int kZ = 8 * z_tiles * kColumns, kZPlanes = kZ / kVector<T>, kOut = 8 * y_tiles;
  static constexpr int kPlane = plane_bytes(kRows);
  static constexpr int kStage = kPlanes * kZ * 16, kTapsBytes = kTaps * kZPlanes * kOut * 16;
  static constexpr int kSlot = kStage > kTapsBytes ? kStage : kTapsBytes;
  static constexpr int kZTiles = kColumns * z_tiles * (kParts - 1), kYTiles = y_tiles * 3;  // that warps exchange
  static constexpr int kExchanged = 2 * 512 * (kZTiles > kYTiles ? kZTiles : kYTiles);
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
template <class Layout, class T, int kPlanes, int kTaps>
class WeightRing {
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

template <class T, int kColumns, int z_tiles, int y_tiles, int kPlanes, int kTaps>
__device__ __forceinline__ void bottleneck_infer_layers(const BottleneckInferLayers<T>& p) {
  using Layout = LayersLayout<T, kColumns, z_tiles, y_tiles, kPlanes, kTaps>;
  constexpr int kThreads = Layout::kThreads, kParts = Layout::kParts, kPlane = Layout::kPlane, kZ = Layout::kZ;
  constexpr int kOut = Layout::kOut, kSteps = Layout::kZPlanes / 2;
  extern __shared__ __align__(128) char memory[];
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32, row0 = warp / 4 * 32;
  const int width = p.width, image = p.height * p.width, y_channels = p.y_channels, layers = p.layers;
  const int first_channels = p.channels, end = first_channels + layers * y_channels;
  char* const features = memory + Layout::kAffine + round_up(end - y_channels, kDepth<T>) * 8;
  const uint32_t x = shared_address(features), zeros = shared_address(memory);
  const uint32_t z = zeros + Layout::kZAt;
  auto* const affine = reinterpret_cast<float2*>(memory + Layout::kAffine);
  auto* const z_affine = reinterpret_cast<float2*>(memory + Layout::kZAffine);
  T* const of_image = p.features + static_cast<int64_t>(blockIdx.x) * image * p.pitch;

  WeightRing<Layout, T, kPlanes, kTaps> weights(p, zeros + Layout::kRing);
#pragma unroll
  for (int i = 0; i < Layout::kSlots - 1; i++) weights.fetch();
  InferredAffine<T, 5, kThreads> next_affine;  // more channels than that have no room
  InferredAffine<T, 1, kThreads> next_z_affine;
  const auto load_affine = [&](int i, int channels) {
    const InferredLayer<T>& of = p.layer[i];
    next_affine.load(of.mean, of.variance, of.gamma, of.beta, channels);
    next_z_affine.load(of.z_mean, of.z_variance, of.z_gamma, of.z_beta, static_cast<int>(p.z_channels));
  };
  const auto store_affine = [&](int channels) {
    next_affine.store(affine, channels, round_up(channels, kDepth<T>));
    next_z_affine.store(z_affine, static_cast<int>(p.z_channels), kZ);
  };
  load_affine(0, first_channels);
  if (tid < 8) *reinterpret_cast<uint4*>(memory + tid * 16) = make_uint4(0, 0, 0, 0);
  wait_for_predecessor();

  for (int row = warp; row < Layout::kRows; row += kThreads / 32) {
    for (int plane = lane; plane < planes_of<T>(end, 2); plane += 32) {
      const int channel = plane * kVector<T>, bytes = row < image ? valid_bytes<T>(first_channels, channel) : 0;
      copy_async(x + plane * kPlane + row * 16, bytes > 0 ? of_image + row * p.pitch + channel : of_image, bytes);
    }
  }
  commit_copies();
  store_affine(first_channels);
  wait_copies<0>();
  let_successor_start();

  const Products<T> products(p.tf32);
  const int column = warp % kColumns, z_part = warp % 4 / kColumns, y_part = warp % 4;
  auto* const exchange = reinterpret_cast<float4*>(memory + Layout::kExchange);
  uint32_t inside[2];
#pragma unroll
  for (int m = 0; m < 2; m++) inside[m] = neighbours_inside(row0 + m * 16 + lane % 16, image, p.height, width);

#pragma unroll 1
  for (int i = 0, channels = first_channels; i < layers; i++, channels += y_channels) {
    float z_acc[2][z_tiles][4];
    clear(z_acc);
    const int planes = planes_of<T>(channels, 2);
#pragma unroll 1
    for (int plane = 0; plane < planes; plane += kPlanes) {
      const uint32_t w_at = weights.next() + column * z_tiles * 128 + lane_by_planes(kZ * 16, lane);
      const uint32_t x_at = x + plane * kPlane + row0 * 16 + lane_by_rows(kPlane, lane);
      const auto* of_plane = reinterpret_cast<const RegisterAffine<T>*>(affine + plane * kVector<T>) + lane % 4;
      const int steps = min(kPlanes, planes - plane) / 2;
#pragma unroll kUnrolled<T, 2>
      for (int k = z_part; k < steps; k += kParts) {
        const auto low_channels = of_plane[k * 8], high_channels = of_plane[k * 8 + 4];
        Factors<T> a[2];
#pragma unroll
        for (int m = 0; m < 2; m++) {
          uint32_t v[4];
          load_matrices(v, x_at + 2 * k * kPlane + m * 256);
#pragma unroll
          for (int j = 0; j < 4; j++) v[j] = normalize(v[j], j < 2 ? low_channels : high_channels);
          a[m] = products.factors(v);
        }
#pragma unroll
        for (int n = 0; n < z_tiles; n += 2) {
          uint32_t w[4];
          load_matrices(w, w_at + (2 * k * kZ + n * 8) * 16);
          const Factors<T> b = products.factors(w);
#pragma unroll
          for (int m = 0; m < 2; m++) {
            products.add(z_acc[m][n], a[m], b, 0);
            products.add(z_acc[m][n + 1], a[m], b, 2);
          }
        }
      }
    }
    put_together<kParts>(
        z_acc, exchange + (warp / 4 * kColumns + column) * z_tiles * (kParts - 1) * 32, z_part, lane,
        [&](int m, int n, float4 sum) {
          const int channel = (column * z_tiles + n) * 8;
          const auto of = *reinterpret_cast<const float4*>(z_affine + channel + lane % 4 * 2);
          char* to = memory + Layout::kZAt + channel / kVector<T> * kPlane + (row0 + m * 16 + lane / 4) * 16 +
                     pair_offset<T>(kPlane, lane);
          *reinterpret_cast<Pair<T>*>(to) = pack_relu<T>(fmaf(sum.x, of.x, of.y), fmaf(sum.y, of.z, of.w));
          *reinterpret_cast<Pair<T>*>(to + 128) = pack_relu<T>(fmaf(sum.z, of.x, of.y), fmaf(sum.w, of.z, of.w));
        });
    const bool more = i + 1 < layers;
    if (more) load_affine(i + 1, channels + y_channels);

    float y_acc[2][y_tiles][4];
    clear(y_acc);
    const uint32_t z_rows = z + row0 * 16 + lane_by_rows(kPlane, lane);
#pragma unroll 1
    for (int tap0 = 0; tap0 < 9; tap0 += kTaps) {
      const uint32_t slot = weights.next();
      const int steps = min(kTaps, 9 - tap0) * kSteps;
#pragma unroll kUnrolled<T, 2>
      for (int step = y_part; step < steps; step += 4) {
        const int tap = tap0 + step / kSteps, k = step % kSteps;
        const int shift = tap / 3 * (width - 3) + tap - width - 1;  // rows of the image above or below, and columns
        Factors<T> a[2];
#pragma unroll
        for (int m = 0; m < 2; m++) {
          const uint32_t at = z_rows + 2 * k * kPlane + (shift + m * 16) * 16;
          uint32_t v[4];
          load_matrices(v, inside[m] >> tap & 1 ? at : zeros + (at & 112));
          a[m] = products.factors(v);
        }
#pragma unroll
        for (int n = 0; n < y_tiles; n += 2) {
          uint32_t w[4];
          load_b(w, slot + (2 * step * kOut + n * 8) * 16, kOut * 16, lane);
          const Factors<T> b = products.factors(w);
#pragma unroll
          for (int m = 0; m < 2; m++) {
            products.add(y_acc[m][n], a[m], b, 0);
            products.add(y_acc[m][n + 1], a[m], b, 2);
          }
        }
      }
    }
    put_together<4>(y_acc, exchange + warp / 4 * y_tiles * 3 * 32, y_part, lane, [&](int m, int n, float4 sum) {
      const float values[4] = {sum.x, sum.y, sum.z, sum.w};
#pragma unroll
      for (int j = 0; j < 4; j++) {
        const int of_y = n * 8 + lane % 4 * 2 + j % 2, channel = channels + of_y;
        char* to = features + channel / kVector<T> * kPlane + (row0 + m * 16 + lane / 4 + j / 2 * 8) * 16;
        if (of_y < y_channels) reinterpret_cast<T*>(to)[channel % kVector<T>] = narrowed<T>(values[j]);
      }
    });
    if (more) store_affine(channels + y_channels);
  }
  __syncthreads();

  with_piece<T>(static_cast<int>(p.y_width), [&](auto bytes) {
    constexpr int kBytes = decltype(bytes)::value, kWidth = kBytes / static_cast<int>(sizeof(T));
    using Type = typename Piece<kBytes>::Type;
    for (int row = warp; row < image; row += kThreads / 32) {
      for (int channel = first_channels + lane * kWidth; channel < end; channel += 32 * kWidth) {
        const char* from = features + channel / kVector<T> * kPlane + row * 16 + channel % kVector<T> * sizeof(T);
        *reinterpret_cast<Type*>(of_image + row * p.pitch + channel) = *reinterpret_cast<const Type*>(from);
      }
    }
  });
}

}  // namespace dn

// Up to 48 channels of z and 16 of y (k = 12), and up to 128 and 32 (k = 32).
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_layers_48(const __grid_constant__ dn::BottleneckInferLayers<dn::bf16> p) {
  dn::bottleneck_infer_layers<dn::bf16, 1, 6, 2, 16, 9>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_layers_128(const __grid_constant__ dn::BottleneckInferLayers<dn::bf16> p) {
  dn::bottleneck_infer_layers<dn::bf16, 2, 8, 4, 8, 2>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bottleneck_infer_layers_48_fp32(const __grid_constant__ dn::BottleneckInferLayers<float> p) {
  dn::bottleneck_infer_layers<float, 1, 6, 2, 16, 3>(p);
}
