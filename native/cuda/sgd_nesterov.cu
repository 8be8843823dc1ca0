// One step of SGD with Nesterov momentum and weight decay over all parameters at once.
// Moves 20 bytes a value: three reads and two writes, 16 bytes each if the tensors are aligned so.
#include "densenet4j_types.h"
#include "grid.cuh"
#include "vector.cuh"

namespace {

struct Nesterov {
  float rate, momentum, decay;

  __device__ void update(float& parameter, float& velocity, float gradient) const {
    const float g = fmaf(decay, parameter, gradient);
    velocity = fmaf(momentum, velocity, g);
    parameter = fmaf(rate, fmaf(momentum, velocity, g), parameter);
  }
};

// Values [first, first + kWidth * units).
template <int kWidth>
__device__ void update(float* parameters, float* velocity, const float* __restrict__ gradients, const Nesterov& step,
                       int64_t first, int64_t units) {
#pragma unroll 1
  for (int64_t unit = dn::thread_index(); unit < units; unit += dn::thread_count()) {
    const int64_t at = first + unit * kWidth;
    auto p = dn::load<kWidth>(parameters + at), v = dn::load<kWidth>(velocity + at);
    const auto g = dn::load<kWidth>(gradients + at);
#pragma unroll
    for (int i = 0; i < kWidth; i++) step.update(p.value[i], v.value[i], g.value[i]);
    dn::store(velocity + at, v);
    dn::store(parameters + at, p);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_sgd_nesterov(float* parameters, float* velocity, const float* gradients, const dn_control* control,
                    double momentum, double weight_decay, int64_t count) {
  const Nesterov step = {static_cast<float>(-control->learning_rate), static_cast<float>(momentum),
                         static_cast<float>(weight_decay)};
  dn::with_widest(
      [&](auto width) {
        constexpr int kWidth = decltype(width)::value;
        update<kWidth>(parameters, velocity, gradients, step, 0, count / kWidth);
        if (kWidth > 1) update<1>(parameters, velocity, gradients, step, count / kWidth * kWidth, count % kWidth);
      },
      parameters, velocity, gradients);
}
