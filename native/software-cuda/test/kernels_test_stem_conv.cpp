#include "kernels_test_tiles.h"

namespace kernels_test {
namespace {

struct StemShape {
  Map map;
  int64_t in, out, kernel, stride, padding, wider;
  unsigned blocks;
};

constexpr StemShape kStems[] = {{{1, 1, 1}, 3, 7, 3, 1, 1, 25, 1},
                                {{2, 1, 1}, 1, 16, 7, 2, 3, 0, 1},
                                {{1, 5, 1}, 3, 24, 3, 1, 1, 200, 2},
                                {{2, 19, 13}, 3, 64, 7, 2, 3, 5, 2},
                                {{1, 9, 11}, 4, 33, 3, 1, 1, 31, 2},
                                {{2, 37, 35}, 3, 16, 7, 2, 3, 0, 3},
                                {{1, 17, 18}, 1, 12, 3, 1, 1, 4, 2},
                                {{1, 6, 9}, 9, 72, 3, 1, 1, 0, 2},
                                {{1, 12, 10}, 4, 24, 7, 2, 3, 0, 2},
                                {{1, 20, 9}, 3, 8, 5, 3, 2, 0, 1}};

// What a term of a product may be wrong by: of y of bfloat16 both factors are sums of two.
template <class T>
constexpr double kOfProduct = sizeof(T) == 2 ? kRoundingOfTwo : 1e-6;

template <class T>
class Stem {
 public:
  Stem(const StemShape& shape, uint32_t seed)
      : s_(shape),
        made_{shape.map.images, size(shape.map.height), size(shape.map.width)},
        random_(seed),
        image_(shape.map.pixels() * shape.in, random_, 0, 1),
        w_(shape.out * terms(), random_, 0, 0.3) {}

  void check_fprop(const Device& device) {
    const std::string what = named<T>("stem_conv_fprop") + " of " + s_.map.text();
    Tensor<T> y(made_.pixels(), s_.out, Tensor<T>::Use::kWritten, s_.wider);
    y.upload();
    const ExactSums sums(2 * s_.out);
    const int64_t chunk = sizeof(T) == 2 ? 64 : 32;
    launch(device, named<T>("stem_conv_fprop"),
           {s_.blocks, static_cast<unsigned>((s_.out + chunk - 1) / chunk), 256},
           Words()
               .add(y.address(), sums.address(), image_.address(), w_.address(), y.pitch, s_.out, width_of(y), s_.in)
               .add(geometry()),
           tiles(64));
    std::vector<Expected> expected(static_cast<size_t>(y.pixels * s_.out));
    each_term([&](int64_t pixel, int64_t term, double value) {
      for (int64_t o = 0; o < s_.out; o++) {
        expected[static_cast<size_t>(pixel * s_.out + o)].add(value * w_[o * terms() + term], kOfProduct<T>);
      }
    });
    for (Expected& e : expected) e = e.stored(kRounding<T>);
    y.expect(expected, what);
    y.download(what);
    sums.expect(statistics(y), what);
  }

  void check_wgrad(const Device& device) {
    const std::string what = named<T>("stem_conv_wgrad") + " of " + s_.map.text();
    Tensor<T> gy(made_.pixels(), s_.out, Tensor<T>::Use::kRead, s_.wider),
        y(made_.pixels(), s_.out, Tensor<T>::Use::kRead);
    for (Tensor<T>* each : {&gy, &y}) {
      each->draw(random_, 0.2, 1.2);
      each->upload();
    }
    const Correction correction(y, random_);
    const Partials partials(s_.blocks, s_.out * terms());
    launch(device, named<T>("stem_conv_wgrad"), wgrad_blocks(),
           Words()
               .add(partials.address(), gy.address(), y.address(), image_.address(), gy.pitch, y.pitch, s_.out, s_.in)
               .add(geometry(), correction.words()),
           tiles(32));
    std::vector<Expected> dw(static_cast<size_t>(s_.out * terms()));
    each_term([&](int64_t pixel, int64_t term, double value) {
      for (int64_t o = 0; o < s_.out; o++) {
        const double dy = correction.dy(gy.at(pixel, o), y.at(pixel, o), o);
        dw[static_cast<size_t>(o * terms() + term)].add(
            dy * value, sizeof(T) == 2 ? 2 * kRounding<T> : 1e-6,
            correction.wrong(gy.at(pixel, o), y.at(pixel, o), o) * std::abs(value));
      }
    });
    partials.expect(dw, what);
    correction.expect_parameters(what);
  }

 private:
  Blocks wgrad_blocks() const {
    if (sizeof(T) == 4) return {s_.blocks, static_cast<unsigned>((terms() + 127) / 128 * ((s_.out + 31) / 32)), 256, 0};
    // Of two terms 80 a block, of up to four channels, and one more where a stride would be odd.
    const int64_t taken = std::min<int64_t>(s_.in, 4), padded = taken + taken * s_.stride % 2;
    const int64_t chunks = (s_.kernel * ((s_.kernel * padded + 1) / 2) + 79) / 80;
    return {s_.blocks, static_cast<unsigned>((s_.out + 63) / 64 * ((s_.in + 3) / 4) * chunks), 320};
  }

  // Of 16 x 16 pixels, of float32 of so many that follow each other.
  int64_t tiles(int64_t pixels) const {
    return sizeof(T) == 2 ? made_.images * tiles_of(made_.height, 16) * tiles_of(made_.width, 16)
                          : tiles_of(made_.pixels(), pixels);
  }

  int64_t terms() const { return s_.in * s_.kernel * s_.kernel; }
  int64_t size(int64_t of) const { return (of + 2 * s_.padding - s_.kernel) / s_.stride + 1; }

  Words geometry() const {
    return Words().add(s_.map.images, s_.map.height, s_.map.width, made_.height, made_.width, s_.kernel, s_.stride,
                       s_.padding);
  }

  // f(pixel of y, channel * kernel^2 + tap, value of the image)
  template <class F>
  void each_term(const F& f) const {
    for (int64_t p = 0; p < made_.pixels(); p++) {
      const int64_t column = p % made_.width, row = p / made_.width % made_.height,
                    image = p / made_.width / made_.height;
      for (int64_t tap = 0; tap < s_.kernel * s_.kernel; tap++) {
        const int64_t r = row * s_.stride - s_.padding + tap / s_.kernel;
        const int64_t c = column * s_.stride - s_.padding + tap % s_.kernel;
        if (r < 0 || r >= s_.map.height || c < 0 || c >= s_.map.width) continue;
        const int64_t from = ((image * s_.map.height + r) * s_.map.width + c) * s_.in;
        for (int64_t i = 0; i < s_.in; i++) f(p, i * s_.kernel * s_.kernel + tap, image_[from + i]);
      }
    }
  }

  const StemShape s_;
  const Map made_;
  Random random_;
  Channels image_, w_;
};

}  // namespace

void test_stem_conv(const Device& device) {
  uint32_t seed = 600;
  for (const StemShape& s : kStems) {
    Stem<Bf16>(s, seed++).check_fprop(device);
    Stem<float>(s, seed++).check_fprop(device);
    Stem<Bf16>(s, seed++).check_wgrad(device);
    Stem<float>(s, seed++).check_wgrad(device);
  }
}

}  // namespace kernels_test
