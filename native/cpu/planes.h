// A 3x3 convolution with pixels in the lanes, for one that makes so few channels that they would leave lanes empty: the
// operand of a band of rows is turned into planes of (rows + 2) x (width + 2) words, one for each channel or pair of
// channels, and what is made of them is turned back. Every sum has the same terms in the same order as with channels in
// the lanes, so its bits are the same.
#ifndef DENSENET4J_CPU_PLANES_H
#define DENSENET4J_CPU_PLANES_H

#include <algorithm>

#include "bands.h"
#include "pack.h"

namespace dn {

template <class T>
class Planes {
 public:
  // `in` channels to `out` others; takes no memory unless suit(out).
  Planes(Workspace& workspace, const Bands& bands, int64_t width, int64_t in, int64_t out, int64_t threads)
      : bands_(bands),
        width_(width),
        out_(out),
        words_(words<T>(in)),
        in_pitch_(round_to_lanes(in)),
        row_pitch_(width + 2),
        pitch_((bands.most_rows() + 2) * row_pitch_ + kLanes),
        step_(width == kLanes ? row_pitch_ : kLanes),
        by_rows_(width == kLanes || width % (columns(out) * kLanes) == 0),
        operand_(workspace, threads, suit(out) ? words_ * pitch_ + kLanes : 0),
        row_(workspace, threads, suit(out) ? width * in_pitch_ : 0),
        made_(workspace, threads, suit(out) ? (bands.most_rows() * row_pitch_ + kLanes) * made_pitch() : 0) {}

  // Whether `out` channels leave lanes empty, but no accumulators out of registers.
  static bool suit(int64_t out) {
    return out % kLanes != 0 && out <= most_rows(1) && vectors(out) <= kMostVectors;
  }

  // Before a thread's first band: the borders, which no band writes.
  void clear(int thread) const {
    Word<T>* operand = operand_.of(thread);
    std::fill(operand, operand + words_ * pitch_ + kLanes, Word<T>{});
  }

  // The first `kept` rows are moved: the planes have them from the band before.
  template <class Prologue>
  void load(int thread, const Band& band, const Prologue& prologue, int64_t kept) const {
    for (int64_t w = 0; w < words_; w++) {
      Word<T>* plane = operand_.of(thread) + w * pitch_;
      const Word<T>* before = plane + bands_.most_rows() * row_pitch_;
      std::copy(before, before + kept * row_pitch_, plane);
    }
    for (int64_t r = kept; r < band.rows + 2; r++) {
      Word<T>* to = operand_.of(thread) + r * row_pitch_;
      if (bands_.outside(band, r)) {
        for (int64_t w = 0; w < words_; w++) std::fill(to + w * pitch_, to + w * pitch_ + row_pitch_, Word<T>{});
      } else {
        prologue.load(AlongChannels<T>{row_.of(thread), in_pitch_}, bands_.first(band, r), width_);
        turn(reinterpret_cast<const Word<T>*>(row_.of(thread)), to + 1);
      }
    }
  }

  // Pixel (r, c) of the band is made()[(r * (width + 2) + c) * made_pitch()] and what follows.
  void multiply(int thread, const PackedWeight<T>& weight, int64_t rows) const {
    const int64_t count = by_rows_ ? rows * (width_ / kLanes) : divide_up(rows * row_pitch_, kLanes);
    const int64_t width = columns(out_);
    for (int64_t vector = 0; vector < count; vector += width) {
      if (std::min(width, count - vector) == 2) {
        with_rows<2>(out_, [&](auto shape) { multiply(thread, weight, vector, shape); });
      } else {
        with_rows<1>(out_, [&](auto shape) { multiply(thread, weight, vector, shape); });
      }
    }
  }

  const float* made(int thread) const { return made_.of(thread); }
  int64_t made_pitch() const { return round_to_lanes(out_); }
  int64_t row_pitch() const { return row_pitch_; }

 private:
  // Vectors of pixels in a tile.
  static constexpr int64_t columns(int64_t out) { return out <= most_rows(2) ? 2 : 1; }

  // A row of pixels into one row of every plane. Lanes beyond the row are zeros, and reach no farther than what is
  // written after them or what pads a plane.
  void turn(const Word<T>* row, Word<T>* to) const {
    const int64_t pitch = words<T>(in_pitch_);
    for (int64_t c = 0; c < width_; c += kLanes) {
      for (int64_t w = 0; w < words_; w += kLanes) {
        Vec square[kLanes];
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; i++) {
          square[i] = c + i < width_ ? reinterpret_cast<Vec>(dn::load(row + (c + i) * pitch + w)) : zero();
        }
        transpose(square);
        const int64_t n = lanes(w, words_);
        for (int64_t i = 0; i < n; i++) {
          store(to + (w + i) * pitch_ + c, reinterpret_cast<typename Packed<T>::Vector>(square[i]));
        }
      }
    }
  }

  // The place of a vector of pixels, from the first pixel on: in a row, or anywhere in the band and its border.
  int64_t place(int64_t vector) const {
    const int64_t in_row = width_ / kLanes;
    return by_rows_ ? vector / in_row * row_pitch_ + vector % in_row * kLanes : vector * kLanes;
  }

  template <class Shape>
  void multiply(int thread, const PackedWeight<T>& weight, int64_t vector, Shape shape) const {
    auto tile = shape.tile();
    const int64_t begin = place(vector);
    for (int64_t tap = 0; tap < 9; tap++) {
      const Word<T>* from = operand_.of(thread) + begin + tap / 3 * row_pitch_ + tap % 3;
      tile.outer_in_runs(weight.of_tap(tap), made_pitch(), from, pitch_, step_, words_, tap == 0);
    }
#pragma GCC unroll 2
    for (int v = 0; v < tile.kVectors; v++) turn_back(tile, v, made_.of(thread) + (begin + v * step_) * made_pitch());
  }

  template <class Tile>
  DN_INLINE void turn_back(const Tile& tile, int v, float* to) const {
#pragma GCC unroll 3
    for (int first = 0; first < Tile::kRows; first += kLanes) {
      Vec square[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) square[i] = first + i < Tile::kRows ? tile.acc[first + i][v] : zero();
      transpose(square);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; i++) store(to + i * made_pitch() + first, square[i]);
    }
  }

  Bands bands_;
  int64_t width_, out_, words_, in_pitch_, row_pitch_, pitch_;
  int64_t step_; // from one vector of pixels of a tile to the next
  bool by_rows_;
  PerThread<Word<T>> operand_;
  PerThread<T> row_;
  PerThread<float> made_;
};

}  // namespace dn
#endif
