#include "kernels_test_fused.h"

namespace kernels_test {

namespace {

constexpr double kEpsilon = 1e-5, kMomentum = 0.1, kParameter = 1e-5, kFloat = 4e-7;

std::vector<uint64_t> fixed_point(const std::vector<double>& values) {
  std::vector<uint64_t> words;
  for (double v : values) {
    const double coarse = std::rint(v * 0x1p20);
    words.push_back(static_cast<uint64_t>(static_cast<int64_t>(coarse)));
    words.push_back(static_cast<uint64_t>(static_cast<int64_t>(std::rint((v - coarse / 0x1p20) * 0x1p60))));
    words.push_back(0);
  }
  return words;
}

std::vector<double> sums_of(const Moments& m, int64_t pixels) {
  std::vector<double> sums;
  const auto n = static_cast<double>(pixels);
  for (size_t c = 0; c < m.mean.size(); c++) {
    sums.push_back(n * m.mean[c]);
    sums.push_back(n * (m.variance[c] + m.mean[c] * m.mean[c]));
  }
  return sums;
}

// Of channels from `first_new` on: NaN, until the kernel has stored them.
std::vector<double> known(std::vector<double> values, int64_t first_new) {
  for (size_t c = static_cast<size_t>(first_new); c < values.size(); c++) values[c] = NAN;
  return values;
}

std::vector<double> drawn(int64_t count, Random& random, double mean, double deviation) {
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = random.normal(mean, deviation);
  return values;
}

Expected near(double value, double tolerance) {
  Expected e;
  e.value = value;
  e.always = tolerance;
  return e;
}

}  // namespace

void narrow(double v, Bf16* to) {
  const float value = static_cast<float>(v);
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if (std::isnan(value)) {
    to->bits = 0x7fff;
  } else {
    to->bits = static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
}

void launch(const Device& device, const std::string& kernel, const Blocks& blocks, const Words& words) {
  device.launch_struct(kernel.c_str(), {blocks.x, blocks.y, blocks.threads, blocks.shared_bytes}, words.words());
}

void require_near(double found, const Expected& expected, const std::string& what) {
  if (std::abs(found - expected.value) <= expected.tolerance() + 1e-30) return;  // not so for NaN
  fail(what + ": " + std::to_string(found) + ", expected " + std::to_string(expected.value) + " within " +
       std::to_string(expected.tolerance()));
}

ExactSums::ExactSums(const std::vector<double>& values) : memory_(fixed_point(values), 0, Content::kSums) {}

void ExactSums::expect(const std::vector<Expected>& expected, const std::string& what) const {
  const std::vector<uint64_t> words = memory_.read(what);
  for (size_t i = 0; i < expected.size(); i++) {
    if (words[3 * i + 2] != 0) fail(what + ": sum " + std::to_string(i) + " has misfits");
    const double value = static_cast<double>(static_cast<int64_t>(words[3 * i])) / 0x1p20 +
                         static_cast<double>(static_cast<int64_t>(words[3 * i + 1])) / 0x1p60;
    require_near(value, expected[i], what + ", sum " + std::to_string(i));
  }
}

Channels::Channels(const std::vector<double>& values) : Channels(std::vector<float>(values.begin(), values.end())) {}

Channels::Channels(int64_t count, Random& random, double mean, double deviation)
    : Channels(drawn(count, random, mean, deviation)) {}

void Channels::expect(const std::vector<Expected>& expected, const std::string& what) const {
  const std::vector<float> found = memory_.read(what);
  for (size_t c = 0; c < expected.size(); c++) require_near(found[c], expected[c], what + ", " + std::to_string(c));
}

Normalization::Normalization(const Moments& of, int64_t pixels, int64_t first_new, Random& random)
    : moments(of),
      gamma(static_cast<int64_t>(of.mean.size()), random, 1, 0.3),
      pixels_(pixels),
      first_new_(first_new),
      beta_(static_cast<int64_t>(of.mean.size()), random, 0.2, 0.4),
      mean_(known(of.mean, first_new)),
      variance_(known(of.variance, first_new)),
      running_mean_(std::vector<double>(of.mean.size(), 0.5)),
      running_variance_(std::vector<double>(of.mean.size(), 2)),
      sums_(sums_of(of, pixels)) {}

double Normalization::before(double x, int64_t channel) const {
  const auto c = static_cast<size_t>(channel);
  return gamma[channel] * (x - moments.mean[c]) / std::sqrt(moments.variance[c] + kEpsilon) + beta_[channel];
}

double Normalization::wrong(double x, int64_t channel) const {
  const auto c = static_cast<size_t>(channel);
  const double scale = std::abs(gamma[channel]) / std::sqrt(moments.variance[c] + kEpsilon);
  return kFloat * (scale * (std::abs(x) + std::abs(moments.mean[c])) + std::abs(beta_[channel]));
}

Words Normalization::forward() const {
  const bool averages = pixels_ > 1;
  return Words().add(mean_.address(), variance_.address(), sums_.address(), gamma.address(), beta_.address(),
                     averages ? running_mean_.address() : 0, averages ? running_variance_.address() : 0, first_new_,
                     static_cast<int64_t>(moments.mean.size()), pixels_, kMomentum);
}

void Normalization::expect_statistics(const std::string& what) const {
  std::vector<Expected> mean, variance, running_mean, running_variance;
  const auto n = static_cast<double>(pixels_);
  for (size_t c = 0; c < moments.mean.size(); c++) {
    const double m = moments.mean[c], v = moments.variance[c], wrong = kParameter * (std::abs(m) + std::sqrt(v));
    mean.push_back(near(m, wrong));
    variance.push_back(near(v, kParameter * (v + m * m)));
    running_mean.push_back(near((1 - kMomentum) * 0.5 + kMomentum * m, wrong + kParameter));
    running_variance.push_back(
        near((1 - kMomentum) * 2 + kMomentum * v * n / (n - 1), kParameter * (v + m * m) * 2 + kParameter));
  }
  mean_.expect(mean, what + ", mean");
  variance_.expect(variance, what + ", variance");
  if (pixels_ == 1) return;
  running_mean_.expect(running_mean, what + ", running mean");
  running_variance_.expect(running_variance, what + ", running variance");
}

Correction::Correction(const Moments& of, int64_t pixels, Random& random, double size)
    : moments_(of),
      pixels_(pixels),
      mean_(of.mean),
      variance_(of.variance),
      offset_(static_cast<int64_t>(of.mean.size()), random, 0, 0.05 * size),
      slope_(static_cast<int64_t>(of.mean.size()), random, 0, 0.05 * size),
      gamma_(static_cast<int64_t>(of.mean.size()), random, 1, 0.3),
      dgamma_(std::vector<double>(of.mean.size(), NAN)),
      dbeta_(std::vector<double>(of.mean.size(), NAN)),
      given_(drawn(2 * static_cast<int64_t>(of.mean.size()), random, 0, 0.1 * size * static_cast<double>(pixels))),
      sums_(given_) {}

double Correction::dy(double gradient, double y, int64_t channel) const {
  if (pixels_ == 1) return 0;
  const auto c = static_cast<size_t>(channel);
  const double share = gamma_[channel] / static_cast<double>(pixels_), inverse = this->inverse(channel);
  const double offset = offset_[channel] + share * given_[2 * c];
  const double slope = slope_[channel] + share * given_[2 * c + 1] * inverse;
  return inverse * (gradient - offset - (y - moments_.mean[c]) * inverse * slope);
}

double Correction::wrong(double gradient, double y, int64_t channel) const {
  if (pixels_ == 1) return 0;
  const auto c = static_cast<size_t>(channel);
  const double share = gamma_[channel] / static_cast<double>(pixels_), inverse = this->inverse(channel);
  const double offset = std::abs(offset_[channel]) + std::abs(share * given_[2 * c]);
  const double slope = std::abs(slope_[channel]) + std::abs(share * given_[2 * c + 1] * inverse);
  const double far = (std::abs(y) + std::abs(moments_.mean[c])) * inverse;
  return kFloat * inverse * (std::abs(gradient) + offset + far * slope);
}

Words Correction::words(int64_t first) const {
  const auto at = [&](const Channels& of) { return of.address() + static_cast<uint64_t>(first) * sizeof(float); };
  return Words().add(at(mean_), at(variance_), at(offset_), at(slope_), sums_.address(2 * first), at(gamma_),
                     at(dgamma_), at(dbeta_), pixels_);
}

void Correction::expect_parameters(const std::string& what) const {
  std::vector<Expected> dgamma, dbeta;
  for (size_t c = 0; c < moments_.mean.size(); c++) {
    const double of_slope = given_[2 * c + 1] * inverse(static_cast<int64_t>(c));
    dbeta.push_back(near(given_[2 * c], kParameter * std::abs(given_[2 * c]) + 1e-17));
    dgamma.push_back(near(of_slope, kParameter * std::abs(of_slope) + 1e-17));
  }
  dgamma_.expect(dgamma, what + ", dgamma of the last consumer");
  dbeta_.expect(dbeta, what + ", dbeta of the last consumer");
}

HandOver::HandOver(const Normalization& x, int64_t pixels, bool accumulate, Random& random)
    : moments_(x.moments),
      pixels_(pixels),
      accumulate_(accumulate),
      given_(drawn(2 * static_cast<int64_t>(x.moments.mean.size()), random, 0, 0.1 * static_cast<double>(pixels))),
      sums_(given_),
      gamma_(static_cast<int64_t>(x.moments.mean.size()), random, 1, 0.3),
      dgamma_(std::vector<double>(x.moments.mean.size(), NAN)),
      dbeta_(std::vector<double>(x.moments.mean.size(), NAN)),
      offset_(std::vector<double>(x.moments.mean.size(), accumulate ? 0.25 : NAN)),
      slope_(std::vector<double>(x.moments.mean.size(), accumulate ? 0.5 : NAN)) {}

void HandOver::expect(const std::string& what) const {
  std::vector<Expected> dgamma, dbeta, offset, slope;
  for (size_t c = 0; c < moments_.mean.size(); c++) {
    const double first = given_[2 * c], second = given_[2 * c + 1] / std::sqrt(moments_.variance[c] + kEpsilon);
    const double share = gamma_[static_cast<int64_t>(c)] / static_cast<double>(pixels_);
    const auto close = [](double v) { return near(v, kParameter * (std::abs(v) + 1)); };
    dbeta.push_back(close(first));
    dgamma.push_back(close(second));
    offset.push_back(close(share * first + (accumulate_ ? 0.25 : 0)));
    slope.push_back(close(share * second + (accumulate_ ? 0.5 : 0)));
  }
  dbeta_.expect(dbeta, what + ", dbeta of the consumer before");
  dgamma_.expect(dgamma, what + ", dgamma of the consumer before");
  offset_.expect(offset, what + ", offset");
  slope_.expect(slope, what + ", slope");
}

void Partials::expect(const std::vector<Expected>& expected, const std::string& what) const {
  const std::vector<float> found = memory_.read(what);
  for (int64_t i = 0; i < values_; i++) {
    double sum = 0;
    for (int64_t part = 0; part < parts_; part++) sum += found[static_cast<size_t>(part * values_ + i)];
    require_near(sum, expected[static_cast<size_t>(i)], what + ", gradient of weight " + std::to_string(i));
  }
}

Moments Moments::drawn(int64_t channels, Random& random) {
  Moments m;
  for (int64_t c = 0; c < channels; c++) {
    // As float32 has them.
    m.mean.push_back(static_cast<float>(random.normal(0.2, 0.5)));
    m.variance.push_back(static_cast<float>(std::exp(random.normal(0, 0.5))));
  }
  return m;
}

int64_t Map::neighbour(int64_t pixel, int64_t down, int64_t right) const {
  const int64_t row = pixel / width % height + down, column = pixel % width + right;
  if (row < 0 || row >= height || column < 0 || column >= width) return -1;
  return pixel + down * width + right;
}

std::string Map::text() const {
  return std::to_string(images) + " x " + std::to_string(height) + " x " + std::to_string(width);
}

}  // namespace kernels_test
