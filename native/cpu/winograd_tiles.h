// Blocks of tiles of a 3x3 convolution by winograd.h: what it does to channels-last rows of pixels, vector by vector of
// channels, and the products in between. Transformed values lie by place, so that a place is an ordinary product of
// matrices: along the channels (place, tile, channel) where these are summed over, along the tiles where those are.
#ifndef DENSENET4J_CPU_WINOGRAD_TILES_H
#define DENSENET4J_CPU_WINOGRAD_TILES_H

#include <algorithm>

#include "pack.h"
#include "scratch.h"
#include "winograd.h"

namespace dn {

// T is what the operands are multiplied as. Transforms are in float32: what they make is rounded to T. A tile has
// side x side outputs.
template <class T, int side>
class WinogradTiles {
 public:
  // Of bands of so many pixels, in rows of a multiple of `unit` tiles.
  WinogradTiles(int64_t width, int64_t height, int64_t unit)
      : columns_(divide_up(width, side * unit) * unit),
        rows_(std::clamp<int64_t>(kMostTiles / columns_, 1, divide_up(height, side))) {}

  // Rows of tiles in a block.
  int64_t rows() const { return rows_; }

  // What a block takes: transformed, along the channels and along the tiles; its products; its pixels.
  int64_t channel_values(int64_t pitch) const { return kPlaces * channel_place(pitch); }
  int64_t tile_words(int64_t pitch) const { return kPlaces * tile_place(pitch); }
  int64_t product_values(int64_t pitch) const { return kPlaces * product_place(pitch); }
  int64_t pixel_values(int64_t pitch) const { return side * side * rows_ * columns_ * pitch; }

  // Of the pixels of a block: from one row to the next.
  int64_t row_pitch(int64_t pitch) const { return side * columns_ * pitch; }

  // Where transformed tiles go, which take the part of pixels: to(row of tiles, place) is a target of scratch.h. These hold
  // all they need themselves: a vector that is stored might be any object's member, which would be read again after it.
  auto along_channels(T* values, int64_t pitch) const {
    return rows_of<AlongChannels<T>>(values, columns_ * pitch, channel_place(pitch), pitch);
  }
  auto in_blocks(T* values, int64_t pitch) const {
    return rows_of<InBlocks<T>>(values, columns_ * kLanes, channel_place(pitch), rows_ * columns_);
  }
  auto along_tiles(Word<T>* words, int64_t pitch) const {
    return rows_of<AlongPixels<T>>(words, row_words(pitch), tile_place(pitch), pitch);
  }
  auto along_both(T* values, Word<T>* words, int64_t pitch) const {
    return [channels = along_channels(values, pitch), tiles = along_tiles(words, pitch)](int64_t row, int64_t place) {
      return AlongBoth<T>{channels(row, place), tiles(row, place)};
    };
  }

  // P of the patches of `rows` rows of tiles. `from` is the upper left pixel of the first one, `from_pitch` from row to row
  // of pixels. Neighbours share two columns, but whole pixels in a row are faster read twice than kept in parts.
  template <class To>
  void patches(const float* from, int64_t from_pitch, int64_t rows, int64_t pitch, To to) const {
    constexpr int kTiles = decltype(to(0, 0))::kPixels;
    const PatchTransform transform;
    const int64_t tiles = columns_;
    for (int64_t row = 0; row < rows; row++, from += side * from_pitch) {
      for (int64_t tile = 0; tile < tiles; tile += kTiles) {
        for (int64_t c = 0; c < pitch; c += kLanes) {
          const float* at = from + side * tile * pitch + c;
          Line<kPatch> columns[side * kTiles + 2];
#pragma GCC unroll 6
          for (int j = 0; j < side * kTiles + 2; j++, at += pitch) {
            columns[j] = transform(load_line<kPatch>(at, from_pitch));
          }
          put_places(to, row, tile, c, [&](int k, int i) { return transform(across<kPatch>(columns + side * k, i)); });
        }
      }
    }
  }

  // The adjoint of Y of change(row of tiles, tile, channel, pixels), where pixels are Y of products (place, tile, channel).
  // `to` may be where the products are, if its words are floats.
  template <class Change, class To>
  void change_pixels(const float* products, int64_t rows, int64_t pitch, const Change& change, To to) const {
    constexpr int kTiles = decltype(to(0, 0))::kPixels;
    const TileTransform transform;
    const int64_t place = product_place(pitch), tiles = columns_;
    for (int64_t row = 0; row < rows; row++, products += tiles * pitch) {
      for (int64_t tile = 0; tile < tiles; tile += kTiles) {
        for (int64_t c = 0; c < pitch; c += kLanes) {
          Line<kPatch> columns[side * kTiles];
#pragma GCC unroll 2
          for (int k = 0; k < kTiles; k++) {
            const Square<side> pixels =
                change(row, tile + k, c, dn::transform(load_places(products + (tile + k) * pitch + c, place), transform));
            const auto changed = down(pixels, transform);
#pragma GCC unroll 4
            for (int j = 0; j < side; j++) columns[side * k + j] = changed.column[j];
          }
          put_columns(to, row, tile, c, columns);
        }
      }
    }
  }

  // The adjoint of Y, of `rows` rows of tiles of pixels (row, column, channel).
  template <class To>
  void places(const float* from, int64_t rows, int64_t pitch, To to) const {
    constexpr int kTiles = decltype(to(0, 0))::kPixels;
    const TileTransform transform;
    const int64_t tiles = columns_, pixel_row = row_pitch(pitch);
    for (int64_t row = 0; row < rows; row++, from += side * pixel_row) {
      for (int64_t tile = 0; tile < tiles; tile += kTiles) {
        for (int64_t c = 0; c < pitch; c += kLanes) {
          const float* at = from + side * tile * pitch + c;
          Line<kPatch> columns[side * kTiles];
#pragma GCC unroll 4
          for (int j = 0; j < side * kTiles; j++, at += pitch) columns[j] = transform(load_line<side>(at, pixel_row));
          put_columns(to, row, tile, c, columns);
        }
      }
    }
  }

  // products (place, tile, channel made) = patches, along the channels, * weight (place)
  template <class Between>
  void multiply(const PackedWeight<T>& weight, const T* patches, int64_t pitch, int64_t rows, int64_t made,
                float* products, Between&& between) const {
    all_products(rows, made, products, [&](auto& tile, int64_t place, int64_t row, int64_t vector) {
      weight.multiply_in_runs(tile, patches + place * channel_place(pitch) + row * pitch, pitch, vector, place, between);
    });
  }

  // The same of patches in blocks.
  template <class Between>
  void multiply_blocks(const PackedWeight<T>& weight, const T* patches, int64_t pitch, int64_t rows, int64_t made,
                       float* products, Between&& between) const {
    const int64_t block = rows_ * columns_ * kLanes;
    all_products(rows, made, products, [&](auto& tile, int64_t place, int64_t row, int64_t vector) {
      weight.multiply_blocks_in_runs(tile, patches + place * channel_place(pitch) + row * kLanes, block, vector, place,
                                     between);
    });
  }

  // to (row, column, channel) = Y of products (place, tile, channel).
  void pixels(const float* products, int64_t rows, int64_t pitch, float* to) const {
    const int64_t place = product_place(pitch), tiles = columns_, pixel_row = row_pitch(pitch);
    for (int64_t row = 0; row < rows; row++, products += tiles * pitch, to += side * pixel_row) {
      for (int64_t tile = 0; tile < tiles; tile++) {
        for (int64_t c = 0; c < pitch; c += kLanes) {
          const Square<side> made = transform(load_places(products + tile * pitch + c, place), TileTransform());
          float* at = to + side * tile * pitch + c;
#pragma GCC unroll 4
          for (int i = 0; i < side; i++)
#pragma GCC unroll 4
            for (int j = 0; j < side; j++) store(at + i * pixel_row + j * pitch, made.row[i].at[j]);
        }
      }
    }
  }

  // sums (place, o, i) += over tiles, a (place, tile, o) * b (place, tile, i), both along the tiles. They are what the adjoint
  // of F makes dweight of.
  template <class Between>
  void multiply_tiles(const Word<T>* a, int64_t outs, const Word<T>* b, int64_t ins, int64_t rows, float* sums,
                      Between&& between) const {
    const int64_t a_pitch = round_to_lanes(outs), b_pitch = round_to_lanes(ins);
    for (int64_t place = 0; place < kPlaces; place++) {
      const Word<T>*a_from = a + place * tile_place(a_pitch), *b_from = b + place * tile_place(b_pitch);
      for_tiles(outs, vectors(ins), [&](auto shape, int64_t o, int64_t vector) {
        auto tile = shape.tile();
        tile.outer(a_from + o, a_pitch, b_from + vector * kLanes, b_pitch, rows * row_words(1), between);
        tile.add_to(sums + (place * outs + o) * b_pitch + vector * kLanes, b_pitch);
      });
    }
  }

  static int64_t sum_values(int64_t outs, int64_t ins) { return kPlaces * outs * round_to_lanes(ins); }

  // to (tap, o, i) = the adjoint of F of sums (place, o, i). `turned`: the taps from the last one on.
  static void filters(const float* sums, int64_t outs, int64_t ins, bool turned, float* to) {
    const int64_t filter = outs * round_to_lanes(ins);
    for (int64_t i = 0; i < filter; i += kLanes) {
      const Square<3> taps = transform(load_places(sums + i, filter), typename Winograd<side>::FilterTransform());
      for (int tap = 0; tap < 9; tap++) {
        store(to + (turned ? 8 - tap : tap) * filter + i, taps.row[tap / 3].at[tap % 3]);
      }
    }
  }

 private:
  static constexpr int64_t kMostTiles = 32;
  static constexpr int kPatch = Winograd<side>::kPatch, kPlaces = Winograd<side>::kPlaces;

  using PatchTransform = typename Winograd<side>::PatchTransform;
  using TileTransform = typename Winograd<side>::TileTransform;

  template <class V>
  static constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(V));

  // A row of tiles as words along the tiles.
  int64_t row_words(int64_t pitch) const { return words<T>(columns_) * pitch; }

  // From one place to the next. A line more than the values, so that the places of a tile are in different sets of a cache.
  int64_t channel_place(int64_t pitch) const { return rows_ * columns_ * pitch + kLine<T>; }
  int64_t tile_place(int64_t pitch) const { return rows_ * row_words(pitch) + kLine<Word<T>>; }
  int64_t product_place(int64_t pitch) const { return rows_ * columns_ * pitch + kLine<float>; }

  // add(tile, place, row, vector) makes a register tile of the products.
  template <class Add>
  void all_products(int64_t rows, int64_t made, float* products, const Add& add) const {
    const int64_t pitch = round_to_lanes(made);
    for (int64_t place = 0; place < kPlaces; place++) {
      float* to = products + place * product_place(pitch);
      for_tiles(rows * columns_, vectors(made), [&](auto shape, int64_t row, int64_t vector) {
        auto tile = shape.tile();
        add(tile, place, row, vector);
        tile.store_to(to + row * pitch + vector * kLanes, pitch);
      });
    }
  }

  template <class Target, class V>
  static auto rows_of(V* to, int64_t row_pitch, int64_t place_pitch, int64_t pitch) {
    return [=](int64_t row, int64_t place) { return Target{to + row * row_pitch + place * place_pitch, pitch}; };
  }

  // As many tiles as a target takes at once: line(k, i) makes the row of places i of the tile tile + k.
  template <class To, class LineOf>
  DN_INLINE static void put_places(const To& to, int64_t row, int64_t tile, int64_t c, const LineOf& line) {
    constexpr int kTiles = decltype(to(0, 0))::kPixels;
#pragma GCC unroll 6
    for (int i = 0; i < kPatch; i++) {
      Line<kPatch> lines[kTiles];
#pragma GCC unroll 2
      for (int k = 0; k < kTiles; k++) lines[k] = line(k, i);
#pragma GCC unroll 6
      for (int j = 0; j < kPatch; j++) {
        Vec values[kTiles];
#pragma GCC unroll 2
        for (int k = 0; k < kTiles; k++) values[k] = lines[k].at[j];
        to(row, kPatch * i + j).put(tile, c, values);
      }
    }
  }

  // The adjoint of Y of pixels whose columns have been transformed, `side` for each tile.
  template <class To, int n>
  DN_INLINE static void put_columns(const To& to, int64_t row, int64_t tile, int64_t c, const Line<kPatch> (&columns)[n]) {
    put_places(to, row, tile, c, [&](int k, int i) { return TileTransform()(across<side>(columns + side * k, i)); });
  }

  template <int n>
  DN_INLINE static Line<n> load_line(const float* from, int64_t pitch) {
    Line<n> line;
#pragma GCC unroll 6
    for (int i = 0; i < n; i++) line.at[i] = load(from + i * pitch);
    return line;
  }

  DN_INLINE static Square<kPatch> load_places(const float* from, int64_t place_pitch) {
    Square<kPatch> square;
#pragma GCC unroll 6
    for (int i = 0; i < kPatch; i++) square.row[i] = load_line<kPatch>(from + kPatch * i * place_pitch, place_pitch);
    return square;
  }

  int64_t columns_, rows_;
};

}  // namespace dn
#endif
