// Batch normalisation as a pass over a tensor: y = gamma * xhat + beta.
#ifndef DENSENET4J_CPU_NORMALIZATION_H
#define DENSENET4J_CPU_NORMALIZATION_H

#include <cmath>

#include "elementwise.h"
#include "workspace.h"

namespace dn {

class Normalization {
 public:
  Normalization(Workspace& workspace, int64_t channels)
      : channels_(channels), scale_(workspace.take<float>(channels)), shift_(workspace.take<float>(channels)) {}

  void prepare(const dn_statistics& statistics, const float* gamma, const float* beta) const {
    for (int64_t c = 0; c < channels_; c++) {
      const double scale = gamma[c] / std::sqrt(static_cast<double>(statistics.variance[c]) + DN_BN_EPSILON);
      scale_[c] = static_cast<float>(scale);
      shift_[c] = static_cast<float>(beta[c] - statistics.mean[c] * scale);
    }
  }

  void run(const Elementwise& values, const dn_slice& y, const dn_slice& x) const {
    values.run(
        y, [this](Vec x, int64_t c, int64_t n) { return fma(x, load(scale_ + c, n), load(shift_ + c, n)); }, x);
  }

 private:
  int64_t channels_;
  float *scale_, *shift_;
};

}  // namespace dn
#endif
