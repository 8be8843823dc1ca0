// Weights (out, in, taps) in the order in which the tiles of tile.h read them: cut into panels like those of
// for_tiles(), in each (place, words of the dimension summed over, channels of the panel), padded with zeros. A 1x1
// convolution has one tap and one place; the 3x3 taps are transformed to the places of winograd.h.
#ifndef DENSENET4J_CPU_PACK_H
#define DENSENET4J_CPU_PACK_H

#include <algorithm>

#include "tile.h"
#include "transpose.h"
#include "winograd.h"
#include "workspace.h"

namespace dn {

template <class T>
class PackedWeight {
 public:
  // Of a 1x1 convolution: a sum over `summed` channels that makes `made` channels.
  PackedWeight(Workspace& workspace, int64_t summed, int64_t made) : PackedWeight(workspace, 1, 1, summed, made) {}

  // Of a 3x3 convolution by Winograd's tiles of side x side outputs.
  template <int side>
  static PackedWeight for_winograd(Workspace& workspace, int64_t summed, int64_t made) {
    return PackedWeight(workspace, 9, Winograd<side>::kPlaces, summed, made);
  }

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

  // Adds rows[p][summed] * weight[place][summed][made] to a tile whose channels start at `vector`. `pitch` is a whole
  // number of words.
  template <class Tile, class Between>
  DN_INLINE void multiply(Tile& tile, const T* rows, int64_t pitch, int64_t vector, int64_t place,
                          Between&& between) const {
    tile.multiply(reinterpret_cast<const Word<T>*>(rows), words<T>(pitch), at(vector, place, Tile::kVectors),
                  Tile::kVectors * kLanes, summed_words(), between);
  }

  // The same in runs, for a tile that is still zero.
  template <class Tile, class Between>
  DN_INLINE void multiply_in_runs(Tile& tile, const T* rows, int64_t pitch, int64_t vector, int64_t place,
                                  Between&& between) const {
    const auto* a = reinterpret_cast<const Word<T>*>(rows);
    const Word<T>* b = at(vector, place, Tile::kVectors);
    constexpr int64_t b_pitch = Tile::kVectors * kLanes;
    tile.template in_runs<Word<T>>(summed_words(), [&](Tile& run, int64_t i, int64_t n) {
      run.multiply(a + i, words<T>(pitch), b + i * b_pitch, b_pitch, n, between);
    });
  }

  // The same of rows in blocks of kLanes channels, `block` values from one to the next.
  template <class Tile, class Between>
  DN_INLINE void multiply_blocks_in_runs(Tile& tile, const T* rows, int64_t block, int64_t vector, int64_t place,
                                         Between&& between) const {
    constexpr int64_t row = words<T>(kLanes), b_pitch = Tile::kVectors * kLanes;
    const auto* a = reinterpret_cast<const Word<T>*>(rows);
    const Word<T>* b = at(vector, place, Tile::kVectors);
    tile.template in_runs<Word<T>>(summed_words(), [&](Tile& run, int64_t i, int64_t n) {
      run.template multiply_blocks<row>(a + i / row * words<T>(block), words<T>(block), b + i * b_pitch, b_pitch, n,
                                        between);
    });
  }

 private:
  PackedWeight(Workspace& workspace, int64_t taps, int64_t places, int64_t summed, int64_t made)
      : taps_(taps),
        places_(places),
        summed_(summed),
        made_(made),
        words_(workspace.take<Word<T>>(places * words<T>(summed) * round_to_lanes(made))) {}

  Word<T>* at(int64_t vector, int64_t place, int64_t tile_vectors) const {
    return words_ + (vector * places_ + place * tile_vectors) * kLanes * summed_words();
  }

  static constexpr int64_t kMostTaps = 9, kMostPlaces = Winograd<4>::kPlaces;

  int64_t summed_words() const { return words<T>(summed_); }

  // columns_of(k, count, channel, to) makes to[i * taps + tap] = the weights of the channels from `channel` on, for
  // k + i of the dimension summed over.
  template <class Columns>
  void pack(bool turned, const Columns& columns_of) const {
    Vec columns[kLanes * kMostTaps], places[kLanes * kMostPlaces];
    for_panels(vectors(made_), [&](int64_t vector, int64_t width) {
      for (int64_t v = 0; v < width; v++) {
        for (int64_t k = 0; k < summed_; k += kLanes) {
          const int64_t count = lanes(k, summed_);
          columns_of(k, count, (vector + v) * kLanes, columns);
          for (int64_t i = 0; i < count; i++) to_places(columns + i * taps_, turned, places + i * places_);
          std::fill(places + count * places_, places + round_to_words(count) * places_, zero());
          for (int64_t place = 0; place < places_; place++) {
            Word<T>* to = at(vector, place, width) + (words<T>(k) * width + v) * kLanes;
            for (int64_t i = 0; i < words<T>(count); i++, to += width * kLanes) {
              store(to, word(places + i * Packed<T>::kValues * places_ + place));
            }
          }
        }
      }
    });
  }

  static int64_t round_to_words(int64_t values) { return words<T>(values) * Packed<T>::kValues; }

  // The taps of one channel in their order, or from the last one, as what a product takes at each place.
  void to_places(const Vec* taps, bool turned, Vec* places) const {
    const auto tap = [&](int64_t i) { return taps[turned ? taps_ - 1 - i : i]; };
    if (taps_ == 1) {
      places[0] = taps[0];
      return;
    }
    const Square<3> filter = {{{{tap(0), tap(1), tap(2)}}, {{tap(3), tap(4), tap(5)}}, {{tap(6), tap(7), tap(8)}}}};
    if (places_ == Winograd<2>::kPlaces) {
      put(transform(filter, Winograd<2>::FilterTransform()), places);
    } else {
      put(transform(filter, Winograd<4>::FilterTransform()), places);
    }
  }

  template <int n>
  static void put(const Square<n>& square, Vec* places) {
    for (const Line<n>& row : square.row) places = std::copy(row.at, row.at + n, places);
  }

  typename Packed<T>::Vector word(const Vec* column) const {
    if constexpr (Packed<T>::kValues == 1) {
      return *column;
    } else {
      return pair(column[0], column[places_]);
    }
  }

  int64_t taps_, places_, summed_, made_;
  Word<T>* words_;
};

}  // namespace dn
#endif
