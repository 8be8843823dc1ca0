// Running statistics: an exponential average of batch statistics, of the variance without its bias.
#ifndef DENSENET4J_CPU_RUNNING_H
#define DENSENET4J_CPU_RUNNING_H

#include <cstdint>

namespace dn {

class RunningStatistics {
 public:
  RunningStatistics(double momentum, int64_t pixels)
      : momentum_(momentum), unbiased_(static_cast<double>(pixels) / static_cast<double>(pixels - 1)) {}

  void update(float& running_mean, float& running_variance, double mean, double variance) const {
    average(running_mean, mean);
    average(running_variance, variance * unbiased_);
  }

 private:
  void average(float& running, double batch) const {
    running = static_cast<float>((1 - momentum_) * running + momentum_ * batch);
  }

  double momentum_, unbiased_;
};

}  // namespace dn
#endif
