#include "kernels_test_fused.h"

namespace kernels_test {
namespace {

template <class T>
void check(const Device& device, int64_t channels, uint32_t seed) {
  const std::string kernel = named<T>("consumer_gradients");
  const std::string what = kernel + " of " + std::to_string(channels) + " channels";
  Random random(seed);
  const Moments moments = Moments::drawn(channels, random);
  std::vector<double> given;
  for (int64_t i = 0; i < 2 * channels; i++) given.push_back(random.normal(0, 10));
  const ExactSums sums(given);
  const Channels gamma(channels, random, 1, 0.3), variance(moments.variance);
  const Channels dgamma(std::vector<double>(static_cast<size_t>(channels), NAN));
  const Channels dbeta(std::vector<double>(static_cast<size_t>(channels), NAN));
  device.launch(kernel.c_str(), channels, sums.address(), gamma.address(), dgamma.address(), dbeta.address(),
                variance.address(), channels);
  std::vector<Expected> of_gamma, of_beta;
  for (size_t c = 0; c < static_cast<size_t>(channels); c++) {
    Expected slope, offset;
    slope.add(given[2 * c + 1] / std::sqrt(variance[static_cast<int64_t>(c)] + 1e-5), 1e-6);
    offset.add(given[2 * c], 1e-6);
    of_gamma.push_back(slope);
    of_beta.push_back(offset);
  }
  dgamma.expect(of_gamma, what + ", dgamma");
  dbeta.expect(of_beta, what + ", dbeta");
}

}  // namespace

void test_consumer_gradients(const Device& device) {
  uint32_t seed = 900;
  for (int64_t channels : {1, 7, 130, 600}) {
    check<Bf16>(device, channels, seed++);
    check<float>(device, channels, seed++);
  }
}

}  // namespace kernels_test
