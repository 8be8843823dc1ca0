#include "kernels_test_tiles.h"

namespace kernels_test {
namespace {

struct Kernel {
  const char* name;
  int64_t strip, tile;         // pixels of a strip, strips of a tile
  int64_t rows, stage, chunk;  // channels of y of a block, planes of a stage, channels of z of a block
  unsigned threads;
  size_t slices = 0;  // of which it has an array, or none
};

// An array of one slice.
Words slices_of(const Words& slice, size_t room) {
  Words all = Words().add(1, slice);
  while (all.words().size() < 1 + room * slice.words().size()) all.add(0);
  return all;
}

struct Shape3x3 {
  Map map;
  int64_t z, y, wider, first;  // where the slice of y lies
  bool accumulate;
  unsigned blocks;
};

constexpr Shape3x3 kNarrow[] = {{{1, 1, 1}, 12, 12, 20, 8, false, 1},    {{2, 1, 1}, 48, 16, 0, 0, true, 1},
                                {{1, 5, 1}, 28, 7, 30, 13, false, 1},    {{1, 1, 5}, 49, 3, 11, 2, true, 1},
                                {{1, 13, 29}, 48, 12, 36, 24, false, 4}, {{4, 7, 7}, 50, 10, 60, 26, true, 2},
                                {{3, 9, 70}, 48, 12, 24, 12, false, 2}};
constexpr Shape3x3 kWide[] = {{{1, 1, 1}, 12, 17, 20, 8, false, 1},
                              {{2, 1, 1}, 128, 32, 0, 0, true, 1},
                              {{1, 5, 1}, 65, 31, 40, 31, false, 1},
                              {{1, 1, 5}, 130, 20, 40, 12, true, 1},
                              {{1, 13, 23}, 64, 32, 64, 64, false, 6},
                              {{3, 8, 35}, 64, 32, 64, 32, true, 2}};

template <class T>
class Case {
 public:
  Case(const Kernel& kernel, const Shape3x3& shape, uint32_t seed)
      : kernel_(kernel),
        shape_(shape),
        random_(seed),
        z_(shape.map.pixels(), shape.z, Tensor<T>::Use::kRead),
        gz_(shape.map.pixels(), shape.z, Tensor<T>::Use::kWritten),
        s_(shape.map.pixels(), shape.y, Tensor<T>::Use::kRead, shape.wider, shape.first),
        y_(shape.map.pixels(), shape.y, Tensor<T>::Use::kRead, shape.wider, shape.first),
        planes_(round_up(shape.z, kernel.stage * kVector<T>) / kVector<T>),
        rows_(round_up(shape.y, kernel.rows)),
        w_(shape.y, shape.z, 9, planes_, rows_, random_),
        norm_(&drawn(z_), random_),
        correction_(drawn(y_), random_),
        hand_over_(norm_, shape.map.pixels(), shape.accumulate, random_),
        sums_(2 * shape.z),
        partials_(shape.blocks, 9 * shape.y * shape.z) {
    drawn(s_);
    if (shape.accumulate) drawn(gz_);
    for (Tensor<T>* each : {&z_, &gz_, &s_, &y_}) each->upload();
  }

  void check(const Device& device) const {
    const Words slice =
        Words()
            .add(gz_.address(), sums_.address(), partials_.address(), s_.address(), y_.address(), z_.address())
            .add(w_.address(), gz_.pitch, s_.pitch, y_.pitch, z_.pitch, planes_, rows_, width_of(y_), 0, shape_.y)
            .add(shape_.z, shape_.map.pixels(), shape_.map.height, shape_.map.width, shape_.accumulate)
            .add(correction_.words(), norm_.reader(), hand_over_.words());
    launch(device, "dn_" + std::string(kernel_.name),
           {shape_.blocks, static_cast<unsigned>((shape_.z + kernel_.chunk - 1) / kernel_.chunk), kernel_.threads},
           kernel_.slices == 0 ? slice : slices_of(slice, kernel_.slices),
           tiles_of(shape_.map, kernel_.strip, kernel_.tile));
    const std::string what = std::string(kernel_.name) + " of " + shape_.map.text() + ", " + std::to_string(shape_.z) +
                             " to " + std::to_string(shape_.y) + " channels from " + std::to_string(shape_.first);
    expect_data(what);
    expect_weights(what);
    correction_.expect_parameters(what);
    hand_over_.expect(what);
  }

 private:
  Tensor<T>& drawn(Tensor<T>& tensor) {
    tensor.draw(random_, 0.2, 1.2);
    return tensor;
  }

  // The pixel of y that a tap makes of a pixel of z.
  int64_t made(int64_t pixel, int64_t tap) const { return shape_.map.neighbour(pixel, 1 - tap / 3, 1 - tap % 3); }
  double dy(int64_t pixel, int64_t k) const { return correction_.dy(s_.at(pixel, k), y_.at(pixel, k), k); }
  double wrong(int64_t pixel, int64_t k) const { return correction_.wrong(s_.at(pixel, k), y_.at(pixel, k), k); }

  Expected of_a(int64_t pixel, int64_t c) const {
    Expected da;
    for (int64_t t = 0; t < 9; t++) {
      const int64_t q = made(pixel, t);
      for (int64_t k = 0; q >= 0 && k < shape_.y; k++) {
        da.add(dy(q, k) * w_.at(k, c, t), kRounding<T>, wrong(q, k) * std::abs(w_.at(k, c, t)));
      }
    }
    return da;
  }

  void expect_data(const std::string& what) const {
    std::vector<Expected> of_gz, sums(static_cast<size_t>(2 * shape_.z));
    for (int64_t p = 0; p < z_.pixels; p++) {
      for (int64_t c = 0; c < shape_.z; c++) {
        Expected e;
        if (shape_.accumulate) e.add(gz_.at(p, c), 1e-7);
        if (norm_.before(z_.at(p, c), c) > 0) {
          const Expected da = of_a(p, c);
          const double from_mean = z_.at(p, c) - norm_.moments.mean[static_cast<size_t>(c)], wrong = da.tolerance();
          e.add(norm_.gamma[c] * da.value, 1e-6, std::abs(norm_.gamma[c]) * wrong);
          // What is added to is rounded once more between.
          if (shape_.accumulate) e.always += kRounding<T> * std::abs(norm_.gamma[c] * da.value);
          sums[static_cast<size_t>(2 * c)].add(da.value, 1e-6, wrong);
          sums[static_cast<size_t>(2 * c + 1)].add(da.value * from_mean, 1e-5, std::abs(from_mean) * wrong);
        }
        of_gz.push_back(e.stored(kRounding<T>));
      }
    }
    gz_.expect(of_gz, what);
    sums_.expect(sums, what);
  }

  void expect_weights(const std::string& what) const {
    std::vector<Expected> dw(static_cast<size_t>(9 * shape_.y * shape_.z));
    for (int64_t p = 0; p < z_.pixels; p++) {
      for (int64_t t = 0; t < 9; t++) {
        const int64_t q = made(p, t);
        for (int64_t k = 0; q >= 0 && k < shape_.y; k++) {
          const double of_y = dy(q, k), of_y_wrong = wrong(q, k);
          for (int64_t c = 0; c < shape_.z; c++) {
            const double a = std::max(0.0, norm_.before(z_.at(p, c), c));
            dw[static_cast<size_t>((t * shape_.y + k) * shape_.z + c)].add(
                of_y * a, 2 * kRounding<T>, of_y_wrong * a + norm_.wrong(z_.at(p, c), c) * std::abs(of_y));
          }
        }
      }
    }
    partials_.expect(dw, what);
  }

  const Kernel kernel_;
  const Shape3x3 shape_;
  Random random_;
  Tensor<T> z_, gz_, s_, y_;
  const int64_t planes_, rows_;
  Weights<T> w_;
  Normalization norm_;
  Correction correction_;
  HandOver hand_over_;
  ExactSums sums_;
  Partials partials_;
};

}  // namespace

void test_bnrelu_conv3x3_bprop(const Device& device) {
  uint32_t seed = 400;
  for (const Shape3x3& s : kNarrow) {
    for (const Kernel& k :
         {Kernel{"bnrelu_conv3x3_bprop_16_8x32", 8, 32, 16, 6, 48, 192},
          {"bnrelu_conv3x3_bprop_16_4x32", 4, 32, 16, 6, 48, 192}}) {
      Case<Bf16>(k, s, seed++).check(device);
    }
    Case<float>({"bnrelu_conv3x3_bprop_16_fp32", 1, 96, 16, 4, 32, 192, 4}, s, seed++).check(device);
  }
  for (const Shape3x3& s : kWide) {
    for (const Kernel& k : {Kernel{"bnrelu_conv3x3_bprop_32_7x16", 7, 16, 32, 8, 128, 256},
                            {"bnrelu_conv3x3_bprop_32_4x16", 4, 16, 32, 8, 64, 128},
                            {"bnrelu_conv3x3_bprop_64_4x16", 4, 16, 32, 8, 64, 128, 2}}) {
      Case<Bf16>(k, s, seed++).check(device);
    }
  }
}

}  // namespace kernels_test
