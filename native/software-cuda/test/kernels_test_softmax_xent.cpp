#include <algorithm>
#include <cmath>
#include <map>

#include "kernels_test.h"

namespace kernels_test {
namespace {

struct Case {
  const char* name;
  int64_t batch, classes;
  std::vector<float> logits;
  std::vector<int32_t> labels;

  const float* row(int64_t n) const { return logits.data() + n * classes; }
};

struct Result {
  double loss;
  int64_t correct;
  std::vector<float> dlogits;
};

Case random(const char* name, int64_t batch, int64_t classes, float scale) {
  Case drawn = {name, batch, classes, normal(static_cast<size_t>(batch * classes), 8, scale), {}};
  for (int64_t n = 0; n < batch; n++) drawn.labels.push_back(static_cast<int32_t>(n * 37 % classes));
  return drawn;
}

// The label's logit lies above the others: its gradient is what is left of 1.
Case certain(const char* name, int64_t batch, int64_t classes, float lead) {
  Case drawn = random(name, batch, classes, 1);
  for (int64_t n = 0; n < batch; n++) drawn.logits[static_cast<size_t>(n * classes + drawn.labels[n])] += lead;
  return drawn;
}

// Few different values: the largest is there several times.
Case tied(int64_t batch, int64_t classes) {
  Case drawn = random("ties", batch, classes, 1);
  for (float& logit : drawn.logits) logit = std::round(std::max(-1.0f, std::min(logit, 1.0f)));
  return drawn;
}

Result run(const Device& device, const Case& images) {
  const Memory<double> loss({std::nan("")});
  const Memory<int64_t> correct({-1});
  const Memory<float> dlogits(std::vector<float>(images.logits.size(), kNaN)), logits(images.logits);
  const Memory<int32_t> labels(images.labels);
  device.launch_block("dn_softmax_xent", 1024, loss.at(), correct.at(), dlogits.at(), logits.at(), labels.at(),
                      images.batch, images.classes);
  logits.expect(images.logits, std::string(images.name) + ": logits");
  return {loss.read("loss")[0], correct.read("correct")[0], dlogits.read("dlogits")};
}

// In long double, and without the difference of a probability and 1.
Result expected(const Case& images) {
  long double loss = 0;
  Result result = {0, 0, std::vector<float>(images.logits.size())};
  for (int64_t n = 0; n < images.batch; n++) {
    const float* row = images.row(n);
    const int64_t label = images.labels[static_cast<size_t>(n)];
    const int64_t best = std::max_element(row, row + images.classes) - row;
    std::vector<long double> terms;
    long double others = 0, unlabelled = 0;
    for (int64_t k = 0; k < images.classes; k++) {
      terms.push_back(std::exp(static_cast<long double>(row[k]) - row[best]));
      if (k != best) others += terms.back();
      if (k != label) unlabelled += terms.back();
    }
    for (int64_t k = 0; k < images.classes; k++) {
      const long double share = k == label ? -unlabelled : terms[static_cast<size_t>(k)];
      result.dlogits[static_cast<size_t>(n * images.classes + k)] =
          static_cast<float>(share / (1 + others) / images.batch);
    }
    loss += std::log1p(others) + (static_cast<long double>(row[best]) - row[label]);
    result.correct += best == label;
  }
  result.loss = static_cast<double>(loss / images.batch);
  return result;
}

std::string describe(const Case& images) {
  return "dn_softmax_xent, " + std::string(images.name) + ", " + std::to_string(images.batch) + " x " +
         std::to_string(images.classes);
}

void check(double value, double wanted, double smallest, const Case& images, const std::string& what) {
  if (!(std::fabs(value - wanted) <= 1e-6 * std::fabs(wanted) + smallest)) {
    fail(describe(images) + ": " + what + " is off by " + std::to_string(value - wanted) + ", expected " +
         std::to_string(wanted));
  }
}

// The order in which warps and lanes take turns changes no bit.
void check_same_bits(const Result& result, const Case& images) {
  static std::map<std::string, Result> first;
  const Result& before = first.emplace(describe(images), result).first->second;
  if (std::memcmp(&before.loss, &result.loss, sizeof(result.loss)) != 0 ||
      std::memcmp(before.dlogits.data(), result.dlogits.data(), result.dlogits.size() * sizeof(float)) != 0) {
    fail(describe(images) + ": not the bits of another schedule");
  }
}

void check(const Device& device, const Case& images) {
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  const Result result = run(device, images), wanted = expected(images);
  check_same_bits(result, images);
  check(result.loss, wanted.loss, 0, images, "the loss");
  if (result.correct != wanted.correct) {
    fail(describe(images) + ": " + std::to_string(result.correct) + " right, expected " +
         std::to_string(wanted.correct));
  }
  for (size_t i = 0; i < wanted.dlogits.size(); i++) {
    check(result.dlogits[i], wanted.dlogits[i], kSmallest, images, "gradient " + std::to_string(i));
  }
}

// A NaN shows in the loss and in its row, and nowhere else; a logit of -infinity has no share.
void check_not_finite(const Device& device) {
  Case images = random("not finite", 3, 7, 1);
  images.logits[9] = kNaN;
  images.logits[16] = -std::numeric_limits<float>::infinity();
  images.labels = {1, 1, 1};
  const Result result = run(device, images);
  if (!std::isnan(result.loss)) fail("dn_softmax_xent: a NaN logit does not show in the loss");
  for (size_t i = 0; i < result.dlogits.size(); i++) {
    if (std::isnan(result.dlogits[i]) != (i / 7 == 1)) fail("dn_softmax_xent: the wrong gradients are NaN");
  }
  if (result.dlogits[16] != 0) fail("dn_softmax_xent: a logit of -infinity has a gradient");
}

}  // namespace

void test_softmax_xent(const Device& device) {
  for (const auto& [batch, classes] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {1, 2}, {1, 10}, {7, 13}, {31, 32}, {33, 7}, {64, 10}, {40, 207}, {3, 1000}}) {
    check(device, random("logits of 1", batch, classes, 1));
    check(device, random("logits of 20", batch, classes, 20));
    check(device, certain("sure", batch, classes, 15));
    check(device, certain("very sure", batch, classes, 60));
    check(device, tied(batch, classes));
  }
  check_not_finite(device);
}

}  // namespace kernels_test
