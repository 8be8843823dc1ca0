// What both 3x3 backward kernels share: operands, dy with its deferred correction, and where the gradient of z goes.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_CUH

#include "correction.cuh"
#include "factors.cuh"
#include "gradient.cuh"
#include "neighbours.cuh"
#include "statistics.cuh"
#include "tiles.cuh"
#include "vector.cuh"

namespace dn {

// Read again where it is needed: what follows from it would take registers over the whole loop.
__device__ __forceinline__ int thread_now() {
  int tid;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(tid));
  return tid;
}

// A value that ptxas does not know: it would unroll a loop, or keep what follows from it, and run out of registers.
__device__ __forceinline__ int opaque(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

template <class T>
struct Conv3x3Bprop {
  T* gz;              // (pixels, gz_pitch)
  ExactSum* z_sums;   // (z_channels, 2): of dz and dz (z - mean)
  float* w_partials;  // (gridDim.x, 9, y_channels, z_channels)
  const T* s;         // the slice's gradient, before its correction
  const T* y;         // the slice
  const T* z;
  const T* w;  // (9, w_planes, w_rows, kVector), as the forward kernel has it
  int64_t gz_pitch;
  int64_t s_pitch;
  int64_t y_pitch;
  int64_t z_pitch;
  int64_t w_planes;
  int64_t w_rows;
  int64_t y_width;  // the most values, in 16 bytes, that addresses, pitches and channels of the slices are multiples of
  int64_t tf32;     // whether factors are rounded to TF32; of float32
  int64_t y_channels;
  int64_t z_channels;
  int64_t pixels;
  int64_t height;
  int64_t width;
  int64_t accumulate;
  Correction y_correction;
  Reader reader;
  HandOver hand_over;
};

// A growth rate wider than a kernel's in slices, one after the other: those after the first add to the gradient of z
// that the same blocks have left.
template <class T>
struct Conv3x3BpropSlices {
  static constexpr int kMost = sizeof(T) == 4 ? 4 : 2;
  int64_t count;
  Conv3x3Bprop<T> of[kMost];
};

template <class T, class F>
__device__ __forceinline__ void each_slice(const Conv3x3BpropSlices<T>& slices, const F& f) {
#pragma unroll 1
  for (int i = 0; i < Conv3x3BpropSlices<T>::kMost; i++) {
    if (i == static_cast<int>(slices.count)) break;
    if (i > 0) __syncthreads();  // shared memory is free, and the gradient of z is there
    f(slices.of[i]);
  }
}

// Of `rows` pixels, which `pixel_of` has, or -1 for what is outside, s goes to where dy will be and y beside it, a tile
// ahead of the products; then each thread corrects what it copied, in place. `vector` channels at a time. Outside dy is
// 0.
template <int vector, int threads>
struct DyPieces {
  int row0, channel, each;  // a thread keeps its channels: threads / pieces rows at a time
  __device__ __forceinline__ DyPieces(int channels, int tid) {
    const int pieces = opaque(channels) / vector;
    row0 = tid / pieces;
    channel = (tid - row0 * pieces) * vector;
    each = threads / pieces;
    if (row0 >= each) row0 = 1 << 20;
  }

  template <class T>
  __device__ __forceinline__ int offset(int plane) const {
    return channel / kVector<T> * plane + channel % kVector<T> * static_cast<int>(sizeof(T));
  }
};

template <int vector, int threads, class T, class Pixels>
__device__ __forceinline__ void fetch_dy(char* dy, char* y, int plane, const Conv3x3Bprop<T>& p, const Pixels& pixel_of,
                                         int rows, int tid) {
  const DyPieces<vector, threads> at(static_cast<int>(p.y_channels), tid);
  constexpr int kBytes = vector * static_cast<int>(sizeof(T));
  const int offset = at.template offset<T>(plane);
  for (int row = at.row0; row < rows; row += at.each) {
    const int pixel = pixel_of(row);
    if (pixel < 0) continue;
    const T* from_s = p.s + pixel * p.s_pitch + at.channel;
    const T* from_y = p.y + pixel * p.y_pitch + at.channel;
    if constexpr (kBytes >= 4) {
      copy_async<kBytes>(shared_address(dy + offset + row * 16), from_s);
      copy_async<kBytes>(shared_address(y + offset + row * 16), from_y);
    } else {
      *reinterpret_cast<T*>(dy + offset + row * 16) = *from_s;
      *reinterpret_cast<T*>(y + offset + row * 16) = *from_y;
    }
  }
}

// Calls f with the most channels, up to kMost, that slices of such a width allow at a time.
template <int kMost, class F>
__device__ __forceinline__ void with_pieces(int64_t width, const F& f) {
  if (kMost >= 8 && width >= 8) {
    f(Width<kMost>());
  } else if (width >= 4) {
    f(Width<4>());
  } else if (width >= 2) {
    f(Width<2>());
  } else {
    f(Width<1>());
  }
}

template <class T, int vector>
struct alignas(sizeof(T) * vector) Values {
  T v[vector];
};

template <int vector, int threads, class T, class Pixels>
__device__ __forceinline__ void correct_dy(char* dy, const char* y, int plane, const Conv3x3Bprop<T>& p,
                                           const float4* affine, const Pixels& pixel_of, int rows, int tid) {
  const DyPieces<vector, threads> at(static_cast<int>(p.y_channels), tid);
  float4 of[vector];
#pragma unroll
  for (int j = 0; j < vector; j++) of[j] = affine[at.channel + at.channel / 8 + j];
  const int offset = at.template offset<T>(plane);
#pragma unroll 2
  for (int row = at.row0; row < rows; row += at.each) {
    const bool inside = pixel_of(row) >= 0;
    if constexpr (vector == kVector<T>) {
      auto* to = reinterpret_cast<uint4*>(dy + offset + row * 16);
      if (!inside) {
        *to = make_uint4(0, 0, 0, 0);
        continue;
      }
      float of_s[vector], of_y[vector];
      widen(of_s, *to);
      widen(of_y, *reinterpret_cast<const uint4*>(y + offset + row * 16));
#pragma unroll
      for (int j = 0; j < vector; j++) of_s[j] = corrected<T>(of_s[j], of_y[j], of[j]);
      *to = packed(of_s);
    } else {
      auto* to = reinterpret_cast<Values<T, vector>*>(dy + offset + row * 16);
      if (!inside) {
        *to = Values<T, vector>();
        continue;
      }
      auto values = *to;
      const auto of_y = *reinterpret_cast<const Values<T, vector>*>(y + offset + row * 16);
#pragma unroll
      for (int j = 0; j < vector; j++) {
        values.v[j] = narrowed<T>(corrected<T>(widened(values.v[j]), widened(of_y.v[j]), of[j]));
      }
      *to = values;
    }
  }
}

// 16 bytes of channels from `channel` on of a pixel's gradient, which a warp has staged.
template <class T>
__device__ __forceinline__ void store_staged(const Conv3x3Bprop<T>& p, int pixel, int channel, const char* from) {
  float values[kVector<T>];
  widen(values, *reinterpret_cast<const uint4*>(from));
  store_gradient(p.gz + pixel * p.gz_pitch + channel, values, static_cast<int>(p.z_channels) - channel,
                 p.accumulate != 0);
}

}  // namespace dn
#endif
