// The gradients of batch normalisation: one pass over dy and x for dgamma and dbeta, a second for dx.
// With dx = p * (dy - dbeta / M) + q * (x - mean); sums in float32 over 64 pixels, then in double.
#include <algorithm>
#include <cmath>

#include "chunks.h"
#include "elementwise.h"
#include "operation.h"
#include "workspace.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_bn_dgrad_args& args, Workspace& workspace)
      : args_(args),
        x_(args.x),
        dy_(args.dy),
        padded_(round_to_lanes(args.channels)),
        chunks_(divide_up(args.pixels, kTile)),
        sums_(workspace.take<double>(chunks_.count() * 2 * padded_)),
        p_(workspace.take<float>(args.channels)),
        q_(workspace.take<float>(args.channels)),
        mean_dy_(workspace.take<float>(args.channels)),
        values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t index, int64_t begin, int64_t end, int) {
      double* sums = sums_ + index * 2 * padded_;
      std::fill(sums, sums + 2 * padded_, 0.0);
      for (int64_t unit = begin; unit < end; unit++) {
        reduce(unit * kTile, std::min((unit + 1) * kTile, args_.pixels), sums);
      }
    });
    finish();
    values_.run(
        args_.dx,
        [this](Vec dy, Vec x, int64_t c, int64_t n) {
          const Vec centred = x - load(args_.statistics.mean + c, n);
          return fma(load(p_ + c, n), dy - load(mean_dy_ + c, n), load(q_ + c, n) * centred);
        },
        args_.dy, args_.x);
  }

 private:
  void reduce(int64_t first, int64_t last, double* sums) const {
    for (int64_t c = 0; c < args_.channels; c += kLanes) {
      const int64_t n = lanes(c, args_.channels);
      const Vec mean = load(args_.statistics.mean + c, n);
      Vec sum = zero(), product = zero();
      for (int64_t p = first; p < last; p++) {
        const Vec dy = load(dy_.at(p, c), n);
        sum = sum + dy;
        product = fma(dy, load(x_.at(p, c), n) - mean, product);
      }
      float lane[2 * kLanes];
      store(lane, sum);
      store(lane + kLanes, product);
      for (int64_t i = 0; i < n; i++) {
        sums[c + i] += lane[i];
        sums[padded_ + c + i] += lane[kLanes + i];
      }
    }
  }

  void finish() const {
    const double pixels = static_cast<double>(args_.pixels);
    for (int64_t c = 0; c < args_.channels; c++) {
      double dbeta = 0, dgamma = 0;
      for (int64_t i = 0; i < chunks_.count(); i++) {
        dbeta += sums_[i * 2 * padded_ + c];
        dgamma += sums_[i * 2 * padded_ + padded_ + c];
      }
      const double inverse = 1.0 / std::sqrt(static_cast<double>(args_.statistics.variance[c]) + DN_BN_EPSILON);
      dgamma *= inverse;
      args_.dbeta[c] = static_cast<float>(dbeta);
      args_.dgamma[c] = static_cast<float>(dgamma);
      p_[c] = static_cast<float>(args_.gamma[c] * inverse);
      q_[c] = static_cast<float>(-args_.gamma[c] * inverse * inverse * dgamma / pixels);
      mean_dy_[c] = static_cast<float>(dbeta / pixels);
    }
  }

  static constexpr int64_t kTile = 64;

  dn_bn_dgrad_args args_;
  Slice<float> x_, dy_;
  int64_t padded_;
  Chunks chunks_;
  double* sums_;
  float *p_, *q_, *mean_dy_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(bn_dgrad, Plan)
