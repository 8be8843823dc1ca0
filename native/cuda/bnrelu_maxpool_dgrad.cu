// The gradient of the max pool's input: S = gamma dx', dx' the corrected gradients of the windows of which a pixel is
// the first of the largest, where its pre-activation is above 0. x has no other consumer. Moves 2 bytes a value of x
// and S, and of y and its gradient, or 4.
//
// A thread has 16 bytes of channels of a column of windows, and goes down it: a window's last row of x is the first one
// of the next. What it finds of a window lies in shared memory for the cells of 2x2 pixels that the window covers: the
// cell (2i, 2j) to (2i + 1, 2j + 1) is in windows (i, j) to (i + 1, j + 1). A block takes columns beside each other, one
// window more than cells, and 14 rows of cells at a time.
#include "correction.cuh"
#include "statistics.cuh"
#include "tiles.cuh"
#include "windows.cuh"

namespace dn {

template <class T>
struct MaxpoolDgrad {
  T* s;
  ExactSum* x_sums;  // (channels, 2): of dx' and dx' (x - mean)
  const T* gy;       // before its correction
  const T* y;
  const T* x;
  int64_t s_pitch;
  int64_t gy_pitch;
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t channels;
  int64_t images;
  int64_t height;  // of x
  int64_t width;
  int64_t rows;  // of y
  int64_t columns;
  Correction y_correction;
  Reader reader;
};

// Of one channel: the largest pre-activation of taps that come one after the other, and which came first. The code of a
// tap is 14 - tap; another one says that none is above 0, and has no gradient.
template <class T>
struct Largest;

// Compared are 20 bits of the mantissa; the code follows them, so that of equal ones the first is the largest.
template <>
struct Largest<bf16> {
  int key = 15;

  __device__ __forceinline__ void take(float before, int tap) {
    key = max(key, (__float_as_int(before) & ~15) | (14 - tap));
  }
  __device__ __forceinline__ void take(Largest later) { key = max(key, later.key); }
  __device__ __forceinline__ uint32_t code() const { return key & 15; }
  // Of the last row of a window, in the next one: taps of the first row. 15 becomes 5, which is no tap either.
  __device__ __forceinline__ Largest above() const { return {key + 6}; }
};

template <>
struct Largest<float> {
  float value = 0;
  int tap = -1;

  __device__ __forceinline__ void take(float before, int at) {
    if (before > value) value = before, tap = at;
  }
  __device__ __forceinline__ void take(Largest later) { take(later.value, later.tap); }
  __device__ __forceinline__ uint32_t code() const { return 14 - tap; }
  __device__ __forceinline__ Largest above() const { return {value, max(tap - 6, -1)}; }
};

template <class T>
class PoolGradients {
 public:
  static constexpr int kThreads = 256, kRows = 14, kKept = 3;

  __device__ __forceinline__ PoolGradients(const MaxpoolDgrad<T>& p, const float4* x_affine, const float4* y_affine,
                                           char* memory)
      : p_(p),
        x_affine_(x_affine + spread<T>(channel_of(p))),
        y_affine_(y_affine + spread<T>(channel_of(p))),
        codes_(reinterpret_cast<uint32_t*>(memory) + threadIdx.x),
        dy_(reinterpret_cast<float4*>(memory + kKept * kThreads * sizeof(uint32_t)) + threadIdx.x) {
    const int planes = planes_in(p);
    column_ = threadIdx.x / planes;
    const int most = kThreads / planes - 1, columns = p.columns;
    strips_ = (columns + most - 1) / most;
    cells_ = (columns + strips_ - 1) / strips_;
#pragma unroll
    for (int e = 0; e < kVector<T>; e++) affine_[e] = make_float2(x_affine_[e].x, x_affine_[e].y);
  }

  static __device__ __forceinline__ int planes_in(const MaxpoolDgrad<T>& p) {
    return (static_cast<int>(p.channels) + kVector<T> - 1) / kVector<T>;
  }

  __device__ __forceinline__ void run(int64_t reversed) {
    const int rows = p_.rows, columns = p_.columns, segments = (rows + kRows - 1) / kRows,
              units = static_cast<int>(p_.images) * segments * strips_;
    for (int i = blockIdx.x; i < units; i += gridDim.x) {
      const int unit = tile_at(i, units, reversed), line = unit / strips_, image = line / segments,
                first = (line - image * segments) * kRows, end = min(first + kRows, rows),
                left = (unit - line * strips_) * cells_, column = left + column_;
      const bool window = column_ <= cells_ && column < columns, cell = column_ < cells_ && column < columns;
      Largest<T> above[kVector<T>];
      if (window && first > 0) {
        search_row(above, image, 2 * first - 1, column, 6);
#pragma unroll
        for (int e = 0; e < kVector<T>; e++) above[e] = above[e].above();
      }
#pragma unroll 1
      for (int row = first; row <= end; row++) {
        turn_ = turn_ + 1 == kKept ? 0 : turn_ + 1;
        if (window && row < rows) search(above, image, row, column);
        __syncthreads();  // windows of this row are there; of the next one they replace those of two rows before
        if (cell && row > first) gather(image, row - 1, column);
      }
    }
  }

  VectorSums<float, kVector<T>> sums;

 private:
  static __device__ __forceinline__ int channel_of(const MaxpoolDgrad<T>& p) {
    return static_cast<int>(threadIdx.x) % planes_in(p) * kVector<T>;
  }

  __device__ __forceinline__ int bytes() const { return valid_bytes<T>(static_cast<int>(p_.channels), channel_of(p_)); }

  // Pixel (row, column) of an image of `data`, which has so many rows and columns.
  __device__ __forceinline__ int64_t place(int64_t rows, int64_t columns, int image, int row, int column) const {
    return (image * rows + row) * columns + column;
  }

  // Three taps from `tap` on of a window, in a row of x that is there.
  __device__ __forceinline__ void search_row(Largest<T> (&largest)[kVector<T>], int image, int row, int column,
                                             int tap) const {
    const int width = p_.width, valid = bytes();
    const T* const middle = p_.x + place(p_.height, p_.width, image, row, 2 * column) * p_.x_pitch + channel_of(p_);
    uint4 x[3];
    x[1] = load_valid(middle, valid);
    x[0] = column > 0 ? load_valid(middle - p_.x_pitch, valid) : x[1];
    x[2] = 2 * column + 1 < width ? load_valid(middle + p_.x_pitch, valid) : x[1];
#pragma unroll
    for (int i = 0; i < 3; i++) {
      float values[kVector<T>];
      widen(values, x[i]);
#pragma unroll
      for (int e = 0; e < kVector<T>; e++) {
        const int at = i == 0 && column == 0 ? tap + 1 : tap + i;  // what stands for a tap outside, the middle
        largest[e].take(fmaf(values[e], affine_[e].x, affine_[e].y), at);
      }
    }
  }

  // Window (row, column), of which `above` has the first row; leaves the first row of the next.
  __device__ __forceinline__ void search(Largest<T> (&above)[kVector<T>], int image, int row, int column) {
    const int64_t at = place(p_.rows, p_.columns, image, row, column);
    const uint4 of_gy = load_valid(p_.gy + at * p_.gy_pitch + channel_of(p_), bytes()),
                of_y = load_valid(p_.y + at * p_.y_pitch + channel_of(p_), bytes());
    Largest<T> below[kVector<T>];
    search_row(above, image, 2 * row, column, 3);
    if (2 * row + 1 < p_.height) search_row(below, image, 2 * row + 1, column, 6);
    uint32_t codes = 0;
#pragma unroll
    for (int e = 0; e < kVector<T>; e++) {
      above[e].take(below[e]);
      codes |= above[e].code() << 4 * e;
      above[e] = below[e].above();
    }
    codes_[turn_ * kThreads] = codes;
    float gradient[kVector<T>], y[kVector<T>];
    widen(gradient, of_gy);
    widen(y, of_y);
#pragma unroll
    for (int e = 0; e < kVector<T>; e++) gradient[e] = corrected<T>(gradient[e], y[e], y_affine_[e]);
#pragma unroll
    for (int i = 0; i < kFours; i++) {
      dy_[(turn_ * kFours + i) * kThreads] =
          make_float4(gradient[4 * i], gradient[4 * i + 1], gradient[4 * i + 2], gradient[4 * i + 3]);
    }
  }

  // The pixels of cell (row, column) from windows of this turn and of the one before.
  __device__ __forceinline__ void gather(int image, int row, int column) {
    const int planes = planes_in(p_);
    float dx[4][kVector<T>] = {};
#pragma unroll
    for (int window = 0; window < 4; window++) {
      if ((window / 2 > 0 && row + 1 >= p_.rows) || (window % 2 > 0 && column + 1 >= p_.columns)) continue;
      const int turn = window / 2 > 0 ? turn_ : turn_ == 0 ? kKept - 1 : turn_ - 1, beside = window % 2 * planes;
      const uint32_t codes = codes_[turn * kThreads + beside];
#pragma unroll
      for (int e = 0; e < kVector<T>; e += 4) {
        const float4 dy = dy_[(turn * kFours + e / 4) * kThreads + beside];
#pragma unroll
        for (int q = 0; q < 4; q++) {  // pixel q of the cell as a tap of this window
          const int tap_row = q / 2 + 1 - 2 * (window / 2), tap_column = q % 2 + 1 - 2 * (window % 2);
          if (tap_row < 0 || tap_column < 0) continue;
          const uint32_t others = codes ^ (14 - tap_row * 3 - tap_column) * 0x11111111u;
#pragma unroll
          for (int i = 0; i < 4; i++) {
            if ((others & 15u << 4 * (e + i)) == 0) dx[q][e + i] += member(dy, i);
          }
        }
      }
    }
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const int r = 2 * row + q / 2, c = 2 * column + q % 2;
      if (r < p_.height && c < p_.width) finish(dx[q], place(p_.height, p_.width, image, r, c));
    }
  }

  __device__ __forceinline__ void finish(const float (&dx)[kVector<T>], int64_t pixel) {
    const int channel = channel_of(p_);
    float values[kVector<T>];
    widen(values, load_valid(p_.x + pixel * p_.x_pitch + channel, bytes()));
#pragma unroll
    for (int e = 0; e < kVector<T>; e++) {
      const float4 a = x_affine_[e];
      sums.first[e] += dx[e];
      sums.second[e] = fmaf(dx[e], values[e] - a.z, sums.second[e]);
      values[e] = a.w * dx[e];
    }
    store_gradient(p_.s + pixel * p_.s_pitch + channel, values, static_cast<int>(p_.channels) - channel, false);
  }

  static constexpr int kFours = kVector<T> / 4;

  const MaxpoolDgrad<T>& p_;
  const float4 *x_affine_, *y_affine_;
  uint32_t* const codes_;
  float4* const dy_;
  int column_, strips_, cells_, turn_ = 0;
  float2 affine_[kVector<T>];  // {scale, shift}
};

template <class T>
__device__ __forceinline__ void maxpool_dgrad(const Tiled<MaxpoolDgrad<T>>& p) {
  constexpr int kThreads = PoolGradients<T>::kThreads;
  extern __shared__ __align__(128) char memory[];
  const int channels = p.channels, planes = PoolGradients<T>::planes_in(p), places = spread<T>(planes * kVector<T>);
  auto* x_affine = reinterpret_cast<float4*>(memory);  // {scale, shift, mean, gamma}
  auto* y_affine = x_affine + places;                  // {a, b, d, 0}
  auto* windows = reinterpret_cast<char*>(y_affine + places);
  wait_for_predecessor();
  for (int c = threadIdx.x; c < planes * kVector<T>; c += kThreads) {
    const float4 none = make_float4(0, 0, 0, 0);
    x_affine[spread<T>(c)] = c < channels ? reading<T>(p.reader, c) : none;
    y_affine[spread<T>(c)] = c < channels ? correction<T>(p.y_correction, c, stores_statistics()) : none;
  }
  let_successor_start();
  __syncthreads();
  PoolGradients<T> gradients(p, x_affine, y_affine, windows);
  gradients.run(p.reversed);
  gradients.sums.store(p.x_sums, windows, planes, kThreads, channels);
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_maxpool_dgrad(const __grid_constant__ dn::Tiled<dn::MaxpoolDgrad<dn::bf16>> p) {
  dn::maxpool_dgrad(p);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_maxpool_dgrad_fp32(const __grid_constant__ dn::Tiled<dn::MaxpoolDgrad<float>> p) {
  dn::maxpool_dgrad(p);
}
