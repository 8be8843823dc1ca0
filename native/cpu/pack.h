// Weights (out, in, taps) in the order in which the tiles of tile.h read them: cut into panels as for_tiles() cuts them,
// in each (tap, words of the dimension summed over, channels of the panel), padded with zeros.
#ifndef DENSENET4J_CPU_PACK_H
#define DENSENET4J_CPU_PACK_H

#include "tile.h"
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

  int64_t summed_words() const { return words<T>(summed_); }

  // Makes out channels of in channels.
  void pack_for_fprop(const float* weight) const {
    pack([=](int64_t tap, int64_t in, int64_t out) { return weight[(out * summed_ + in) * taps_ + tap]; });
  }

  // Makes in channels of out channels, the taps in reverse: the kernel turned by half a turn.
  void pack_for_dgrad(const float* weight) const {
    pack([=](int64_t tap, int64_t out, int64_t in) { return weight[(out * made_ + in) * taps_ + taps_ - 1 - tap]; });
  }

  // What a tile that starts at `vector` reads, with pitch().
  const Word<T>* at(int64_t vector, int64_t tap, int64_t tile_vectors) const {
    return words_ + (vector * taps_ + tap * tile_vectors) * kLanes * summed_words();
  }

  static constexpr int64_t pitch(int64_t tile_vectors) { return tile_vectors * kLanes; }

 private:
  template <class Value>
  void pack(const Value& value) const {
    const auto value_or_zero = [&](int64_t tap, int64_t k, int64_t n) {
      return k < summed_ && n < made_ ? value(tap, k, n) : 0.0f;
    };
    for_panels(vectors(made_), [&](int64_t vector, int64_t width) {
      for (int64_t tap = 0; tap < taps_; tap++) {
        Word<T>* to = words_ + (vector * taps_ + tap * width) * kLanes * summed_words();
        for (int64_t n = 0; n < width * kLanes; n++) {
          for (int64_t k = 0; k < summed_words(); k++) {
            const int64_t channel = vector * kLanes + n;
            if constexpr (Packed<T>::kValues == 1) {
              to[k * width * kLanes + n] = value_or_zero(tap, k, channel);
            } else {
              to[k * width * kLanes + n] = pair(value_or_zero(tap, 2 * k, channel), value_or_zero(tap, 2 * k + 1, channel));
            }
          }
        }
      }
    });
  }

  int64_t taps_, summed_, made_;
  Word<T>* words_;
};

}  // namespace dn
#endif
