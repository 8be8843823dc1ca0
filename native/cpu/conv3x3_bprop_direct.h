// The backward pass of a 3x3 convolution tap by tap, where T is multiplied in pairs: dweight is summed over the pixels of a,
//   dweight[tap] = sum over pixels q of dy[q - offset of tap] * a[q],
// so that only the gradient of y, which has few channels, is needed beyond the band.
#ifndef DENSENET4J_CPU_CONV3X3_BPROP_DIRECT_H
#define DENSENET4J_CPU_CONV3X3_BPROP_DIRECT_H

#include "ahead.h"
#include "bands.h"
#include "gradient.h"
#include "pack.h"

namespace dn {

template <class T>
class DirectConv3x3Bprop {
 public:
  DirectConv3x3Bprop(Workspace& workspace, const dn_extent& extent, int64_t in, int64_t out, int64_t threads)
      : width_(extent.width),
        in_(in),
        out_(out),
        in_pitch_(round_to_lanes(in)),
        out_pitch_(round_to_lanes(out)),
        bands_(extent, out_pitch_),
        weight_(workspace, 9, out, in),
        dy_(workspace, threads, bands_.buffer_values()),
        dy_pixels_(workspace, threads, bands_.pair_words()),
        a_(workspace, threads, bands_.most_rows() * row_words()) {}

  const Bands& bands() const { return bands_; }
  void pack(const float* weight) const { weight_.pack_for_dgrad(weight); }

  // dweight goes right into the chunk's partial sums, so nothing comes before its bands or after them.
  void start(int) const {}
  void finish(int, float*) const {}

  template <class Gradient, class Epilogue>
  void band(const Band& band, int thread, const Gradient& gradient, Epilogue& epilogue, float* partial,
            AheadOfBoth& ahead) const {
    bands_.load_both(dy_.of(thread), dy_pixels_.of(thread), band, gradient);
    dgrad(band, dy_.of(thread), a_.of(thread), epilogue, ahead);
    epilogue.flush();
    wgrad(band, dy_pixels_.of(thread), a_.of(thread), partial, ahead);
  }

 private:
  static constexpr int kValues = Packed<T>::kValues; // in a word

  // Lines fetched after each tap: enough to have the next band when it is needed.
  static constexpr int kLines = 3;

  // Of one row of a.
  int64_t row_words() const { return words<T>(width_) * in_pitch_; }

  template <class Epilogue>
  void dgrad(const Band& band, const T* dy, Word<T>* a, Epilogue& epilogue, AheadOfBoth& ahead) const {
    for (int64_t r = 0; r < band.rows; r++) {
      for_tiles<kValues>(width_, vectors(in_), [&](auto shape, int64_t column, int64_t vector) {
        auto tile = shape.tile();
        for (int64_t tap = 0; tap < 9; tap++) {
          const T* from = dy + (r + tap / 3) * bands_.row_pitch() + (column + tap % 3) * out_pitch_;
          weight_.multiply(tile, from, out_pitch_, vector, tap, [] {});
          ahead.fetch(kLines);
        }
        Word<T>* to = a + r * row_words() + column / kValues * in_pitch_ + vector * kLanes;
        OperandSink<T> sink({to, in_pitch_}, tile.kRows);
        epilogue.add(tile, vector, band.pixel + r * width_ + column, sink);
      });
    }
  }

  void wgrad(const Band& band, const Word<T>* dy, const Word<T>* a, float* partial, AheadOfBoth& ahead) const {
    for (int64_t tap = 0; tap < 9; tap++) {
      for_tiles(out_, vectors(in_), [&](auto shape, int64_t o, int64_t vector) {
        auto tile = shape.tile();
        for (int64_t r = 0; r < band.rows; r++) {
          tile.outer(bands_.shifted(dy, r + 2 - tap / 3, 2 - tap % 3) + o, out_pitch_,
                     a + r * row_words() + vector * kLanes, in_pitch_, words<T>(width_), [] {});
          ahead.fetch(kLines);
        }
        tile.add_to(partial + (tap * out_ + o) * in_pitch_ + vector * kLanes, in_pitch_);
      });
    }
  }

  int64_t width_, in_, out_, in_pitch_, out_pitch_;
  Bands bands_;
  PackedWeight<T> weight_;
  PerThread<T> dy_;
  PerThread<Word<T>> dy_pixels_, a_;
};

}  // namespace dn
#endif
