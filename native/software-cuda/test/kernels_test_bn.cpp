#include <algorithm>
#include <cmath>

#include "densenet4j_types.h"
#include "kernels_test.h"

namespace kernels_test {
namespace {

// From nothing to far more than epsilon.
std::vector<float> variances(size_t channels) {
  std::vector<float> values = normal(channels, 15, 4);
  for (float& value : values) value = std::exp(3 * value);
  for (size_t c = 0; c < channels; c += 5) values[c] = 0;
  return values;
}

void check(const Device& device, int64_t channels) {
  const std::vector<float> variance = variances(static_cast<size_t>(channels));
  std::vector<float> inv_std, back;
  for (float value : variance) inv_std.push_back(static_cast<float>(1.0 / std::sqrt(value + DN_BN_EPSILON)));
  const Memory<float> given(variance), made(std::vector<float>(variance.size(), kNaN));
  device.launch("dn_bn_inv_std", channels, made.at(), given.at(), channels);
  made.expect(inv_std, "dn_bn_inv_std of " + std::to_string(channels) + " channels");

  // Beyond 1 / sqrt(epsilon), as rounding may leave it: there is no negative variance.
  inv_std.push_back(317);
  for (float value : inv_std) {
    const double difference = 1.0 / (static_cast<double>(value) * value) - DN_BN_EPSILON;
    back.push_back(static_cast<float>(std::max(0.0, difference)));
  }
  const Memory<float> saved(inv_std), again(std::vector<float>(inv_std.size(), kNaN));
  device.launch("dn_bn_variance", channels + 1, again.at(), saved.at(), channels + 1);
  again.expect(back, "dn_bn_variance of " + std::to_string(channels + 1) + " channels");
}

}  // namespace

void test_bn(const Device& device) {
  for (int64_t channels : {1, 7, 12, 207, 1000}) check(device, channels);
}

}  // namespace kernels_test
