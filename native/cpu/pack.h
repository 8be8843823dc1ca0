// Weights (out, in, taps) in the order in which the tiles of tile.h read them: cut into panels like those of
// for_tiles(), in each (tap, words of the dimension summed over, channels of the panel), padded with zeros.
#ifndef DENSENET4J_CPU_PACK_H
#define DENSENET4J_CPU_PACK_H

#include <algorithm>

#include "tile.h"
#include "transpose.h"
#include "workspace.h"

namespace dn {

template <class T>
class PackedWeight {
 public:
  // For a sum over `summed` channels that makes `made` channels.
  PackedWeight(Workspace& workspace, int64_t taps, int64_t summed, int64_t made)
      : taps_(taps),
        summed_(summed),
        made_(made),
        words_(workspace.take<Word<T>>(taps * words<T>(summed) * round_to_lanes(made))) {}

  // Makes out channels of in channels.
  void pack_for_fprop(const float* weight) const {
    const int64_t pitch = summed_ * taps_;
    pack(false, [&](int64_t k, int64_t count, int64_t channel, Vec* columns) {
      transpose(weight + channel * pitch + k * taps_, pitch, made_ - channel, count * taps_, columns);
    });
  }

  // Makes in channels of out channels, the taps in reverse: the kernel turned by half a turn.
  void pack_for_dgrad(const float* weight) const {
    pack(true, [&](int64_t k, int64_t count, int64_t channel, Vec* columns) {
      for (int64_t i = 0; i < count; i++, columns += taps_) {
        transpose(weight + ((k + i) * made_ + channel) * taps_, taps_, made_ - channel, taps_, columns);
      }
    });
  }

  // Adds rows[p][summed] * weight[tap][summed][made] to a tile whose channels start at `vector`. `pitch` is a whole
  // number of words.
  template <class Tile, class Between>
  DN_INLINE void multiply(Tile& tile, const T* rows, int64_t pitch, int64_t vector, int64_t tap,
                          Between&& between) const {
    tile.multiply(reinterpret_cast<const Word<T>*>(rows), words<T>(pitch), at(vector, tap, Tile::kVectors),
                  Tile::kVectors * kLanes, summed_words(), between);
  }

  // The same in runs; tap 0 starts the sum.
  template <class Tile, class Between>
  DN_INLINE void multiply_in_runs(Tile& tile, const T* rows, int64_t pitch, int64_t vector, int64_t tap,
                                  Between&& between) const {
    tile.multiply_in_runs(reinterpret_cast<const Word<T>*>(rows), words<T>(pitch), at(vector, tap, Tile::kVectors),
                          Tile::kVectors * kLanes, summed_words(), tap == 0, between);
  }

  int64_t summed_words() const { return words<T>(summed_); }

  // A tap's words, (summed, made padded to lanes), if all channels made are in one panel.
  const Word<T>* of_tap(int64_t tap) const { return at(0, tap, vectors(made_)); }

 private:
  Word<T>* at(int64_t vector, int64_t tap, int64_t tile_vectors) const {
    return words_ + (vector * taps_ + tap * tile_vectors) * kLanes * summed_words();
  }

  static constexpr int64_t kMostTaps = 9;

  // columns_of(k, count, channel, to) makes to[i * taps + tap] = the weights of the channels from `channel` on, for
  // k + i of the dimension summed over.
  template <class Columns>
  void pack(bool turned, const Columns& columns_of) const {
    constexpr int64_t kValues = Packed<T>::kValues;
    Vec columns[kLanes * kMostTaps];
    for_panels(vectors(made_), [&](int64_t vector, int64_t width) {
      for (int64_t v = 0; v < width; v++) {
        for (int64_t k = 0; k < summed_; k += kLanes) {
          const int64_t count = lanes(k, summed_);
          columns_of(k, count, (vector + v) * kLanes, columns);
          if (count % kValues != 0) std::fill(columns + count * taps_, columns + (count + 1) * taps_, zero());
          for (int64_t tap = 0; tap < taps_; tap++) {
            Word<T>* to = at(vector, tap, width) + (k / kValues * width + v) * kLanes;
            const Vec* from = columns + (turned ? taps_ - 1 - tap : tap);
            for (int64_t i = 0; i < words<T>(count); i++, to += width * kLanes, from += kValues * taps_) {
              store(to, word(from));
            }
          }
        }
      }
    });
  }

  typename Packed<T>::Vector word(const Vec* column) const {
    if constexpr (Packed<T>::kValues == 1) {
      return *column;
    } else {
      return pair(column[0], column[taps_]);
    }
  }

  int64_t taps_, summed_, made_;
  Word<T>* words_;
};

}  // namespace dn
#endif
