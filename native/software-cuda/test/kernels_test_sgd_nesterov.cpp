#include <cmath>

#include "kernels_test.h"

namespace kernels_test {
namespace {

struct Skews {
  size_t parameters, velocity, gradients;
};

void step(const Device& device, int64_t count, const Skews& skews) {
  constexpr double kMomentum = 0.9, kDecay = 1e-4;
  const dn_control control = {0.0123, 17, 4};
  const size_t values = static_cast<size_t>(count);
  std::vector<float> p = normal(values, 11), v = normal(values, 12), g = normal(values, 13);
  const Memory<float> parameters(p, skews.parameters), velocity(v, skews.velocity), gradients(g, skews.gradients);
  const Memory<int64_t> on_device(words(control));

  const float momentum = static_cast<float>(kMomentum), rate = static_cast<float>(-control.learning_rate);
  for (size_t i = 0; i < values; i++) {
    const float decayed = std::fma(static_cast<float>(kDecay), p[i], g[i]);
    v[i] = std::fma(momentum, v[i], decayed);
    p[i] = std::fma(rate, std::fma(momentum, v[i], decayed), p[i]);
  }
  device.launch("dn_sgd_nesterov", count, parameters.at(), velocity.at(), gradients.at(), on_device.at(), kMomentum,
                kDecay, count);
  const std::string what = "dn_sgd_nesterov of " + std::to_string(count);
  parameters.expect(p, what + ", parameters");
  velocity.expect(v, what + ", velocity");
  gradients.expect(g, what + ", gradients");
}

}  // namespace

void test_sgd_nesterov(const Device& device) {
  for (int64_t count : {1, 3, 4, 7, 207, 1000, 4099}) {
    for (const Skews& skews : {Skews{0, 0, 0}, Skews{2, 0, 4}, Skews{1, 2, 0}}) step(device, count, skews);
  }
}

}  // namespace kernels_test
