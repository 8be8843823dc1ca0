// Blocks of tiles of a 3x3 convolution by winograd.h: what it does to channels-last rows of pixels, vector by vector of
// channels, and the products in between. Transformed values lie by place, (place, tile, channel), so that a place is an
// ordinary product of matrices.
#ifndef DENSENET4J_CPU_WINOGRAD_TILES_H
#define DENSENET4J_CPU_WINOGRAD_TILES_H

#include <algorithm>

#include "pack.h"
#include "winograd.h"

namespace dn {

class WinogradTiles {
 public:
  // Of bands of so many pixels.
  WinogradTiles(int64_t width, int64_t height)
      : columns_(divide_up(width, 2)),
        rows_(std::clamp<int64_t>(kMostTiles / columns_, 1, divide_up(height, 2))) {}

  // Rows of tiles in a block.
  int64_t rows() const { return rows_; }

  // The values of a block: transformed, and as pixels.
  int64_t place_values(int64_t pitch) const { return kPlaces * place_pitch(pitch); }
  int64_t pixel_values(int64_t pitch) const { return 4 * rows_ * columns_ * pitch; }

  // Of the pixels of a block: from one row to the next.
  int64_t row_pitch(int64_t pitch) const { return 2 * columns_ * pitch; }

  // to (place, tile, channel) = P of the patches of `rows` rows of tiles. `from` is the upper left pixel of the first one,
  // `from_pitch` from row to row of pixels. Neighbours share half a patch: its columns are transformed once.
  void patches(const float* from, int64_t from_pitch, int64_t rows, int64_t pitch, float* to) const {
    const PatchTransform transform;
    for (int64_t row = 0; row < rows; row++, from += 2 * from_pitch, to += columns_ * pitch) {
      for (int64_t c = 0; c < pitch; c += kLanes) {
        const auto column = [&](int64_t x) {
          const float* at = from + x * pitch + c;
          return transform(Line<4>{
              {load(at), load(at + from_pitch), load(at + 2 * from_pitch), load(at + 3 * from_pitch)}});
        };
        Line<4> columns[4] = {{}, {}, column(0), column(1)};
        for (int64_t tile = 0; tile < columns_; tile++) {
          columns[0] = columns[2];
          columns[1] = columns[3];
          columns[2] = column(2 * tile + 2);
          columns[3] = column(2 * tile + 3);
          store_places(along(columns, transform), to + tile * pitch + c, pitch);
        }
      }
    }
  }

  // products (place, tile, channel made) = patches (place, tile, channel summed) * weight (place)
  template <class Between>
  void multiply(const PackedWeight<float>& weight, const float* patches, int64_t pitch, int64_t rows, int64_t made,
                float* products, Between&& between) const {
    const int64_t made_pitch = round_to_lanes(made);
    for (int64_t place = 0; place < kPlaces; place++) {
      const float* from = patches + place * place_pitch(pitch);
      float* to = products + place * place_pitch(made_pitch);
      for_tiles(rows * columns_, vectors(made), [&](auto shape, int64_t row, int64_t vector) {
        auto tile = shape.tile();
        weight.multiply_in_runs(tile, from + row * pitch, pitch, vector, place, true, between);
        tile.store_to(to + row * made_pitch + vector * kLanes, made_pitch);
      });
    }
  }

  // to (row, column, channel) = Y of from (place, tile, channel).
  void pixels(const float* from, int64_t rows, int64_t pitch, float* to) const {
    for (int64_t row = 0; row < rows; row++, from += columns_ * pitch, to += 2 * row_pitch(pitch)) {
      for (int64_t tile = 0; tile < columns_; tile++) {
        for (int64_t c = 0; c < pitch; c += kLanes) {
          const Square<2> made = transform(load_places(from + tile * pitch + c, place_pitch(pitch)), TileTransform());
          float* at = to + 2 * tile * pitch + c;
          store(at, made.row[0].at[0]);
          store(at + pitch, made.row[0].at[1]);
          store(at + row_pitch(pitch), made.row[1].at[0]);
          store(at + row_pitch(pitch) + pitch, made.row[1].at[1]);
        }
      }
    }
  }

  // The adjoint: to (place, tile, channel) of from (row, column, channel).
  void places(const float* from, int64_t rows, int64_t pitch, float* to) const {
    for (int64_t row = 0; row < rows; row++, from += 2 * row_pitch(pitch), to += columns_ * pitch) {
      for (int64_t tile = 0; tile < columns_; tile++) {
        for (int64_t c = 0; c < pitch; c += kLanes) {
          const float *upper = from + 2 * tile * pitch + c, *lower = upper + row_pitch(pitch);
          const Square<2> tile_of = {{{{load(upper), load(upper + pitch)}}, {{load(lower), load(lower + pitch)}}}};
          store_places(transform(tile_of, TileTransform()), to + tile * pitch + c, pitch);
        }
      }
    }
  }

  // sums (place, o, i) += over tiles, a (place, tile, o) * b (place, tile, i). They are what the adjoint of F makes dweight of.
  void multiply_tiles(const float* a, int64_t outs, const float* b, int64_t ins, int64_t rows, float* sums) const {
    const int64_t a_pitch = round_to_lanes(outs), b_pitch = round_to_lanes(ins);
    for (int64_t place = 0; place < kPlaces; place++) {
      for_tiles(outs, vectors(ins), [&](auto shape, int64_t o, int64_t vector) {
        auto tile = shape.tile();
        tile.outer(a + place * place_pitch(a_pitch) + o, a_pitch,
                   b + place * place_pitch(b_pitch) + vector * kLanes, b_pitch, rows * columns_, [] {});
        tile.add_to(sums + (place * outs + o) * b_pitch + vector * kLanes, b_pitch);
      });
    }
  }

  static int64_t sum_values(int64_t outs, int64_t ins) { return kPlaces * outs * round_to_lanes(ins); }

  // to (tap, o, i) = the adjoint of F of sums (place, o, i). `turned`: the taps from the last one on.
  static void filters(const float* sums, int64_t outs, int64_t ins, bool turned, float* to) {
    const int64_t filter = outs * round_to_lanes(ins);
    for (int64_t i = 0; i < filter; i += kLanes) {
      const Square<3> taps = transform(load_places(sums + i, filter), FilterTransform());
      for (int tap = 0; tap < 9; tap++) {
        store(to + (turned ? 8 - tap : tap) * filter + i, taps.row[tap / 3].at[tap % 3]);
      }
    }
  }

 private:
  static constexpr int64_t kMostTiles = 32;

  // A line more than the values, so that the places of a tile are in different sets of a cache.
  int64_t place_pitch(int64_t pitch) const { return rows_ * columns_ * pitch + kLanes; }

  DN_INLINE void store_places(const Square<4>& square, float* to, int64_t pitch) const {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) store(to + (4 * i + j) * place_pitch(pitch), square.row[i].at[j]);
  }

  DN_INLINE static Square<4> load_places(const float* from, int64_t place_pitch) {
    Square<4> square;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) square.row[i].at[j] = load(from + (4 * i + j) * place_pitch);
    return square;
  }

  int64_t columns_, rows_;
};

}  // namespace dn
#endif
