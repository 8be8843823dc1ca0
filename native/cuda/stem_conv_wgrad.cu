// dw (y channels, channels, kernel, kernel) = sum over pixels of dy image, with the deferred correction of dy.
// Moves 4 bytes a value of the image, and 2 of y and of its gradient, or 4. y of float32, of which the last bits count,
// is in stem_conv_wgrad_fp32.cuh.
//
// A block takes 64 channels of y and up to 160 terms, of channels of the image in one band (blockIdx.y), over tiles of
// 16 x 16 pixels of y: dy (channels, pixels) times what windows see (pixels, terms), both rounded to bfloat16. A warp
// has 32 x 32 of them; of few terms and channels several warps have the same and take rows of the tile in turn.
#include "stem_conv_wgrad_fp32.cuh"

namespace dn {

// Two terms that follow each other are a word of the band, eight words a group, and warps have two groups.
class StemTerms {
 public:
  static constexpr int kThreads = 320, kWarps = kThreads / 32, kOut = 64, kGroups = 10;
  static constexpr int kRowTiles = 2, kMine = 2, kTiles = 2 * kMine;
  static constexpr int kDyPitch = kOut * sizeof(bf16) + 16, kDyRow = kStemSide * kDyPitch;

  // `out`: channels of y of this block; `first_group`: its first one.
  __device__ __forceinline__ StemTerms(const StemConv& conv, const StemBand& band, int first_group, int out)
      : words_(static_cast<int>(conv.kernel) * band.words) {
    const int warp = threadIdx.x / 32, groups = (words_ + 7) / 8 - first_group,
              across = (min(groups, kGroups) + kMine - 1) / kMine, items = across * ((out + 31) / 32),
              item = warp % items;
    shares_ = kWarps / items;
    items_ = items;
    share_ = warp / items;
    out_ = item / across * 32;
    group_ = first_group + item % across * kMine;
    down_ = static_cast<int>(conv.stride) * band.pitch * 4;
#pragma unroll
    for (int j = 0; j < kMine; j++) {
      const int word = min((group_ + j) * 8 + lane_ / 4, words_ - 1), row = word / band.words;
      at_[j] = (row * band.pitch + word - row * band.words + lane_ % 4 * 2 * band.step) * 4;
    }
    clear();
  }

  // The first `rows` of a tile; `step` bytes of the image to the next pixel.
  __device__ __forceinline__ void add(uint32_t dy, uint32_t image, uint32_t step, int rows) {
    if (share_ >= shares_) return;
    dy += ((lane_ % 8 + lane_ / 16 * 8) * kDyPitch + (out_ + lane_ / 8 % 2 * 8) * 2) + share_ * kDyRow;
    image += share_ * down_;
#pragma unroll 1
    for (int row = share_; row < rows; row += shares_, dy += shares_ * kDyRow, image += shares_ * down_) {
      uint32_t of_dy[kRowTiles][4];
#pragma unroll
      for (int m = 0; m < kRowTiles; m++) load_transposed(of_dy[m], dy + m * 32);
#pragma unroll
      for (int j = 0; j < kMine; j++) {
        const uint32_t from = image + at_[j];
        const uint32_t words[4] = {load_shared(from), load_shared(from + step), load_shared(from + 8 * step),
                                   load_shared(from + 9 * step)};
        // Of pixels that follow each other the first terms, and the second ones.
        const uint32_t even[2] = {__byte_perm(words[0], words[1], 0x5410), __byte_perm(words[2], words[3], 0x5410)};
        const uint32_t odd[2] = {__byte_perm(words[0], words[1], 0x7632), __byte_perm(words[2], words[3], 0x7632)};
#pragma unroll
        for (int m = 0; m < kRowTiles; m++) {
          multiply_bf16(sums_[m][2 * j], of_dy[m], even[0], even[1]);
          multiply_bf16(sums_[m][2 * j + 1], of_dy[m], odd[0], odd[1]);
        }
      }
    }
  }

  // Sums of warps that have the same come together in the first one's, through memory (kWarps, kValues, 32).
  __device__ __forceinline__ void join(float* memory) {
    if (shares_ == 1) return;
    __syncthreads();
    float* const mine = memory + threadIdx.x / 32 * kValues * 32 + lane_;
    each_sum([&](int i, float& sum) { mine[i * 32] = sum; });
    __syncthreads();
    if (share_ > 0) return;
    for (int other = 1; other < shares_; other++) {
      each_sum([&](int i, float& sum) { sum += mine[(other * items_ * kValues + i) * 32]; });
    }
  }

  // Calls place with a word and which of its two terms, and store with what it returns, a channel, and their sum.
  template <class Place, class Store>
  __device__ __forceinline__ void each(const Place& place, const Store& store) const {
    if (share_ > 0) return;
#pragma unroll
    for (int n = 0; n < kTiles; n++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const int word = (group_ + n / 2) * 8 + lane_ % 4 * 2 + i;
        if (word >= words_) continue;
        const auto at = place(word, n % 2);
#pragma unroll
        for (int m = 0; m < 2 * kRowTiles; m++) {
          store(at, out_ + m * 8 + lane_ / 4, sums_[m / 2][n][m % 2 * 2 + i]);
        }
      }
    }
  }

 private:
  static constexpr int kValues = kRowTiles * kTiles * 4;

  template <class F>
  __device__ __forceinline__ void each_sum(const F& f) {
#pragma unroll
    for (int i = 0; i < kValues; i++) f(i, sums_[i / (4 * kTiles)][i / 4 % kTiles][i % 4]);
  }

  __device__ __forceinline__ void clear() {
    each_sum([](int, float& sum) { sum = 0; });
  }

  const int lane_ = threadIdx.x % 32, words_;
  int shares_, items_, share_, out_, group_, down_;
  int at_[kMine];
  float sums_[kRowTiles][kTiles][4];
};

// Of channels of y {a, b, d} of their correction, one after the other.
struct StemCorrection {
  static constexpr int kOut = StemTerms::kOut;
  float a[kOut], b[kOut], d[kOut];
};

// dy of the first `rows` of a tile, with zeros beside the map. A thread has four channels.
__device__ __forceinline__ void load_dy(char* to, const StemConvWgrad<bf16>& p, const StemCorrection& correction,
                                        const StemTile& tile, int first_channel, int rows) {
  constexpr int kPieces = StemTerms::kOut / 4, kEach = StemTerms::kThreads / kPieces;
  const int c = threadIdx.x % kPieces * 4, columns = p.conv.columns, there = columns - tile.column;
  if (first_channel + c >= p.y_channels) return;
  const float4 a = *reinterpret_cast<const float4*>(correction.a + c),
               b = *reinterpret_cast<const float4*>(correction.b + c),
               d = *reinterpret_cast<const float4*>(correction.d + c);
  const int64_t first = (tile.image * p.conv.rows + tile.row) * columns + tile.column;
  const bf16* const gy = p.gy + first * p.gy_pitch + first_channel + c;
  const bf16* const y = p.y + first * p.y_pitch + first_channel + c;
  to += c * 2;
#pragma unroll 4
  for (int i = threadIdx.x / kPieces; i < rows * kStemSide; i += kEach) {
    uint2 dy = make_uint2(0, 0);
    if (i % kStemSide < there) {
      const int pixel = i / kStemSide * columns + i % kStemSide;
      const uint2 g = *reinterpret_cast<const uint2*>(gy + pixel * p.gy_pitch),
                  v = *reinterpret_cast<const uint2*>(y + pixel * p.y_pitch);
      dy.x = pack<bf16>(fmaf(a.x, low(g.x), fmaf(b.x, low(v.x), d.x)), fmaf(a.y, high(g.x), fmaf(b.y, high(v.x), d.y)));
      dy.y = pack<bf16>(fmaf(a.z, low(g.y), fmaf(b.z, low(v.y), d.z)), fmaf(a.w, high(g.y), fmaf(b.w, high(v.y), d.w)));
    }
    *reinterpret_cast<uint2*>(to + i * StemTerms::kDyPitch) = dy;
  }
}

__device__ __forceinline__ void stem_conv_wgrad(const Tiled<StemConvWgrad<bf16>>& p) {
  constexpr int kOut = StemTerms::kOut, kGroups = StemTerms::kGroups;
  extern __shared__ __align__(128) char memory[];
  const StemConv& conv = p.conv;
  const StemBand band(conv);
  const int kernel = conv.kernel, channels = conv.channels, y_channels = p.y_channels;
  const int bands = (channels + kStemChannels - 1) / kStemChannels,
            chunks = (kernel * band.words + 8 * kGroups - 1) / (8 * kGroups);
  const int first_group = blockIdx.y % chunks * kGroups, first = blockIdx.y / chunks % bands * kStemChannels,
            out0 = blockIdx.y / (chunks * bands) * kOut;
  auto& correction_of = *reinterpret_cast<StemCorrection*>(memory);
  char* const dy = memory + sizeof(StemCorrection);
  auto* image = reinterpret_cast<uint32_t*>(dy + kStemSide * kStemSide * StemTerms::kDyPitch);
  wait_for_predecessor();
  if (threadIdx.x < kOut) {
    const int o = threadIdx.x, c = out0 + o;
    // The first block of a chunk of y stores what its last consumer is told.
    const bool stores = blockIdx.x == 0 && blockIdx.y % (chunks * bands) == 0;
    const float4 of = c < y_channels ? correction<bf16>(p.y_correction, c, stores) : make_float4(0, 0, 0, 0);
    correction_of.a[o] = of.x, correction_of.b[o] = of.y, correction_of.d[o] = of.z;
  }
  StemTerms dw(conv, band, first_group, min(kOut, y_channels - out0));
  const Tiles tiles(StemTile::count(conv), p.reversed);
  for (int i = tiles.first; tiles.has(i); i += tiles.step) {
    const StemTile tile(conv, i);
    const int rows = min(kStemSide, static_cast<int>(conv.rows) - tile.row);
    __syncthreads();  // nobody reads dy and band any more
    load_dy(dy, p, correction_of, tile, out0, rows);
    load_band<StemTerms::kWarps>(band, conv, p.image, tile, first, [&](int row, int word, float a, float b) {
      image[row * band.pitch + word] = pack<bf16>(a, b);
    });
    __syncthreads();
    dw.add(shared_address(dy), shared_address(image), band.step * 4, rows);
  }
  let_successor_start();
  dw.join(reinterpret_cast<float*>(memory));
  const int terms = channels * kernel * kernel;
  float* partials = p.w_partials + part_of_block(p.reversed) * y_channels * terms;
  dw.each(
      [&](int word, int second) {
        const int row = word / band.words, value = (word - row * band.words) * 2 + second,
                  column = value / band.channels, channel = first + value - column * band.channels;
        return column < kernel && channel < channels ? (channel * kernel + row) * kernel + column : -1;
      },
      [&](int term, int o, float sum) {
        if (term >= 0 && out0 + o < y_channels) partials[(out0 + o) * terms + term] = sum;
      });
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(320, 2)
    dn_stem_conv_wgrad(const __grid_constant__ dn::Tiled<dn::StemConvWgrad<dn::bf16>> p) {
  dn::stem_conv_wgrad(p);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    dn_stem_conv_wgrad_fp32(const __grid_constant__ dn::Tiled<dn::StemConvWgrad<float>> p) {
  dn::stem_conv_wgrad(p);
}
