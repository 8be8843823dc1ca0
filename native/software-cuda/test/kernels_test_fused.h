// What the tests of the fused engine's kernels share: tensors of either type among values that must be neither read nor
// written, batch normalisations, exact sums, the one struct of parameters. References are plain double precision.
#ifndef DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_FUSED_H
#define DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_FUSED_H

#include <cmath>
#include <memory>

#include "kernels_test.h"

namespace kernels_test {

// A bfloat16; the other type is float.
struct Bf16 {
  uint16_t bits;
};

inline double widened(float v) { return v; }
inline double widened(Bf16 v) {
  const uint32_t bits = uint32_t{v.bits} << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline void narrow(double v, float* to) { *to = static_cast<float>(v); }
void narrow(double v, Bf16* to);

template <class T>
double rounded(double v) {
  T stored;
  narrow(v, &stored);
  return widened(stored);
}

template <class T>
constexpr int64_t kVector = 16 / static_cast<int64_t>(sizeof(T));

// Relative error of a factor, or of a value as it is stored. float32's factors are sums of two of TF32.
template <class T>
constexpr double kRounding = sizeof(T) == 2 ? 1.05 / 256 : 1.0 / (1 << 20);

// Of a factor that is the sum of two bfloat16.
constexpr double kRoundingOfTwo = 1.05 / (1 << 16);

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

template <class T>
std::string named(const std::string& stem) {
  return "dn_" + stem + (sizeof(T) == 4 ? "_fp32" : "");
}

// The members of a kernel's struct, 8 bytes each.
class Words {
 public:
  Words& add(uint64_t address) { return put(address); }
  Words& add(int64_t number) { return put(static_cast<uint64_t>(number)); }
  Words& add(int number) { return add(int64_t{number}); }
  Words& add(bool flag) { return add(int64_t{flag}); }
  Words& add(double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return put(bits);
  }
  Words& add(const Words& inner) {
    words_.insert(words_.end(), inner.words_.begin(), inner.words_.end());
    return *this;
  }
  template <class First, class Second, class... More>
  Words& add(const First& first, const Second& second, const More&... more) {
    return add(first).add(second, more...);
  }
  std::vector<uint64_t> words() const { return words_; }

 private:
  Words& put(uint64_t word) {
    words_.push_back(word);
    return *this;
  }
  std::vector<uint64_t> words_;
};

inline Words no_dropout() { return Words().add(0, 0, 0.0); }
inline Words nobody() { return Words().add(0, 0, 0, 0); }

// Blocks of a launch; shared memory is as much as a block of sm_90 can have.
struct Blocks {
  unsigned x, y, threads, shared_bytes = static_cast<unsigned>(kMostShared);
};

void launch(const Device& device, const std::string& kernel, const Blocks& blocks, const Words& words);

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  double normal(double mean = 0, double deviation = 1) { return mean + deviation * distribution_(engine_); }

 private:
  std::mt19937 engine_;
  std::normal_distribution<double> distribution_{0, 1};
};

// A reference, and how far from it a result may be: at most the sum of all roundings, and six times the root of the sum
// of their squares, since they know nothing of each other.
struct Expected {
  double value = 0, always = 0, sum = 0, squares = 0;

  // A term that may be wrong by `relative` of it and by `absolute`.
  void add(double term, double relative, double absolute = 0) {
    const double wrong = std::abs(term) * relative + absolute;
    value += term;
    sum += wrong;
    squares += wrong * wrong;
  }
  // Stored with such a relative error.
  Expected stored(double relative) const {
    Expected e = *this;
    e.always += std::abs(value) * relative;
    return e;
  }
  double tolerance() const { return always + std::min(sum, 6 * std::sqrt(squares)); }
};

void require_near(double found, const Expected& expected, const std::string& what);

// A slice of channels of an NHWC tensor. Beside it, and around all of it, is NaN if a kernel reads it, or a pattern
// that must still be there if it writes.
template <class T>
class Tensor {
 public:
  enum class Use { kRead, kWritten };

  Tensor(int64_t all_pixels, int64_t all_channels, Use use, int64_t wider = 0, int64_t first = 0)
      : pixels(all_pixels),
        channels(all_channels),
        pitch(round_up(all_channels + wider, kVector<T>)),
        offset(first),
        values_(static_cast<size_t>(all_pixels * pitch)) {
    for (T& value : values_) narrow(use == Use::kRead ? NAN : 1234.5, &value);
  }

  double at(int64_t pixel, int64_t channel) const { return widened(values_[place(pixel, channel)]); }
  void set(int64_t pixel, int64_t channel, double v) { narrow(v, &values_[place(pixel, channel)]); }

  void draw(Random& random, double mean = 0, double deviation = 1) {
    for (int64_t p = 0; p < pixels; p++) {
      for (int64_t c = 0; c < channels; c++) set(p, c, random.normal(mean, deviation));
    }
  }

  void upload() { memory_ = std::make_unique<Memory<T>>(values_, 0); }
  uint64_t address() const { return memory_->at(offset); }

  // That the slice is near what was expected (pixels, channels), and all else as it was.
  void expect(const std::vector<Expected>& expected, const std::string& what) const {
    std::vector<T> found = memory_->read(what);
    for (int64_t p = 0; p < pixels; p++) {
      for (int64_t c = 0; c < channels; c++) {
        const size_t at = place(p, c);
        require_near(widened(found[at]), expected[static_cast<size_t>(p * channels + c)],
                     what + ", pixel " + std::to_string(p) + ", channel " + std::to_string(c));
        found[at] = values_[at];
      }
    }
    if (std::memcmp(found.data(), values_.data(), found.size() * sizeof(T)) != 0) {
      fail(what + ": a value beside the slice was overwritten");
    }
  }

  // The slice (pixels, channels) as the kernel left it.
  std::vector<double> stored(const std::string& what) const {
    const std::vector<T> found = memory_->read(what);
    std::vector<double> values;
    for (int64_t p = 0; p < pixels; p++) {
      for (int64_t c = 0; c < channels; c++) values.push_back(widened(found[place(p, c)]));
    }
    return values;
  }

  // As the kernel left it.
  void download(const std::string& what) { values_ = memory_->read(what); }

  int64_t pixels, channels, pitch, offset;

 private:
  size_t place(int64_t pixel, int64_t channel) const { return static_cast<size_t>(pixel * pitch + offset + channel); }

  std::vector<T> values_;
  std::unique_ptr<Memory<T>> memory_;
};

// Sums in fixed point: coarse / 2^20 + fine / 2^60, and a count of what does not fit.
class ExactSums {
 public:
  explicit ExactSums(int64_t count) : ExactSums(std::vector<double>(static_cast<size_t>(count))) {}
  explicit ExactSums(const std::vector<double>& values);
  uint64_t address(int64_t index = 0) const { return memory_.at(3 * index); }
  void expect(const std::vector<Expected>& expected, const std::string& what) const;

 private:
  Memory<uint64_t> memory_;
};

// float32 values of a channel each.
class Channels {
 public:
  explicit Channels(const std::vector<double>& values);
  Channels(int64_t count, Random& random, double mean, double deviation);
  uint64_t address() const { return memory_.at(); }
  double operator[](int64_t channel) const { return values_[static_cast<size_t>(channel)]; }
  void expect(const std::vector<Expected>& expected, const std::string& what) const;

 private:
  explicit Channels(const std::vector<float>& values) : values_(values), memory_(values) {}
  std::vector<float> values_;
  Memory<float> memory_;
};

// Mean and variance of each channel.
struct Moments {
  std::vector<double> mean, variance;

  static Moments drawn(int64_t channels, Random& random);

  template <class T>
  static Moments of(const Tensor<T>& x) {
    Moments m;
    for (int64_t c = 0; c < x.channels; c++) {
      double sum = 0, squares = 0;
      for (int64_t p = 0; p < x.pixels; p++) sum += x.at(p, c);
      const double mean = sum / static_cast<double>(x.pixels);
      for (int64_t p = 0; p < x.pixels; p++) squares += (x.at(p, c) - mean) * (x.at(p, c) - mean);
      m.mean.push_back(mean);
      m.variance.push_back(squares / static_cast<double>(x.pixels));
    }
    return m;
  }
};

// A batch normalisation of x; statistics of channels from first_new on come as sums.
class Normalization {
 public:
  template <class T>
  Normalization(const Tensor<T>& x, int64_t first_new, Random& random)
      : Normalization(Moments::of(x), x.pixels, first_new, random) {}

  // As a backward pass finds it. Values of x move away from where rounding decides on their ReLU.
  template <class T>
  Normalization(Tensor<T>* x, Random& random)
      : Normalization(Moments::drawn(x->channels, random), x->pixels, x->channels, random) {
    for (int64_t p = 0; p < x->pixels; p++) {
      for (int64_t c = 0; c < x->channels; c++) {
        while (std::abs(before(x->at(p, c), c)) < 0.02) x->set(p, c, x->at(p, c) + 0.06);
      }
    }
  }

  // Before the ReLU.
  double before(double x, int64_t channel) const;
  // How far float32 may be from it, of which scale * x + shift cancels much where the variance is small.
  double wrong(double x, int64_t channel) const;
  Words forward() const;
  Words reader() const { return Words().add(mean_.address(), variance_.address(), gamma.address(), beta_.address()); }

  // That new statistics were stored, and running ones moved.
  void expect_statistics(const std::string& what) const;

  const Moments moments;
  const Channels gamma;

 private:
  Normalization(const Moments& of, int64_t pixels, int64_t first_new, Random& random);

  int64_t pixels_, first_new_;
  Channels beta_, mean_, variance_, running_mean_, running_variance_;
  ExactSums sums_;
};

// What is behind a gradient: y of statistics, offset and slope of earlier consumers, and sums of the last one.
class Correction {
 public:
  // size: of gradients.
  template <class T>
  Correction(const Tensor<T>& y, Random& random, double size = 1)
      : Correction(Moments::of(y), y.pixels, random, size) {}

  double dy(double gradient, double y, int64_t channel) const;
  // How far float32 may be from it before it is rounded.
  double wrong(double gradient, double y, int64_t channel) const;
  Words words(int64_t first = 0) const;
  void expect_parameters(const std::string& what) const;

 private:
  Correction(const Moments& of, int64_t pixels, Random& random, double size);
  double inverse(int64_t channel) const {
    return 1 / std::sqrt(moments_.variance[static_cast<size_t>(channel)] + 1e-5);
  }

  Moments moments_;
  int64_t pixels_;
  Channels mean_, variance_, offset_, slope_, gamma_, dgamma_, dbeta_;
  std::vector<double> given_;
  ExactSums sums_;
};

// The consumer before this one, whose sums this one turns into gradients and shares.
class HandOver {
 public:
  HandOver(const Normalization& x, int64_t pixels, bool accumulate, Random& random);
  Words words() const {
    return Words().add(sums_.address(), gamma_.address(), dgamma_.address(), dbeta_.address(), offset_.address(),
                       slope_.address(), accumulate_);
  }
  void expect(const std::string& what) const;

 private:
  Moments moments_;
  int64_t pixels_;
  bool accumulate_;
  std::vector<double> given_;
  ExactSums sums_;
  Channels gamma_, dgamma_, dbeta_, offset_, slope_;
};

// Partial gradients (parts, values): that their sum is as expected.
class Partials {
 public:
  Partials(int64_t parts, int64_t values)
      : parts_(parts),
        values_(values),
        memory_(std::vector<float>(static_cast<size_t>(parts * values), kNaN), 0, Content::kParts, parts) {}
  uint64_t address() const { return memory_.at(); }
  void expect(const std::vector<Expected>& expected, const std::string& what) const;

 private:
  int64_t parts_, values_;
  Memory<float> memory_;
};

// Weights (outputs, channels, taps), and as kernels read them: (taps, planes, rows, kVector), zeros where it pads.
template <class T>
class Weights {
 public:
  Weights(int64_t outputs, int64_t channels, int64_t taps, int64_t planes, int64_t rows, Random& random)
      : channels_(channels), taps_(taps), values_(static_cast<size_t>(outputs * channels * taps)) {
    std::vector<T> packed(static_cast<size_t>(taps * planes * rows * kVector<T>));
    for (T& value : packed) narrow(0, &value);
    for (int64_t o = 0; o < outputs; o++) {
      for (int64_t c = 0; c < channels; c++) {
        for (int64_t t = 0; t < taps; t++) {
          const int64_t plane = (t * planes + c / kVector<T>)*rows + o;
          T* to = &packed[static_cast<size_t>(plane * kVector<T> + c % kVector<T>)];
          narrow(random.normal(0, 0.3), to);
          values_[place(o, c, t)] = widened(*to);
        }
      }
    }
    memory_ = std::make_unique<Memory<T>>(packed);
  }

  double at(int64_t output, int64_t channel, int64_t tap = 0) const { return values_[place(output, channel, tap)]; }
  uint64_t address() const { return memory_->at(); }

 private:
  size_t place(int64_t o, int64_t c, int64_t t) const { return static_cast<size_t>((o * channels_ + c) * taps_ + t); }

  int64_t channels_, taps_;
  std::vector<double> values_;
  std::unique_ptr<Memory<T>> memory_;
};

// Images of a tensor, and which pixel is beside which.
struct Map {
  int64_t images, height, width;

  int64_t pixels() const { return images * height * width; }
  // -1 outside of the image.
  int64_t neighbour(int64_t pixel, int64_t down, int64_t right) const;
  std::string text() const;
};

// Sums over pixels of stored values and of their squares.
template <class T>
std::vector<Expected> statistics(const Tensor<T>& y) {
  std::vector<Expected> sums(static_cast<size_t>(2 * y.channels));
  for (int64_t p = 0; p < y.pixels; p++) {
    for (int64_t c = 0; c < y.channels; c++) {
      const double v = y.at(p, c);
      sums[static_cast<size_t>(2 * c)].add(v, 1e-5);
      sums[static_cast<size_t>(2 * c + 1)].add(v * v, 1e-5);
    }
  }
  return sums;
}

// The most values, in 16 bytes, that an offset, a pitch and a count are multiples of.
template <class T>
int64_t width_of(const Tensor<T>& y) {
  const int64_t bits = y.offset | y.pitch | y.channels | kVector<T>;
  return bits & -bits;
}

}  // namespace kernels_test
#endif
