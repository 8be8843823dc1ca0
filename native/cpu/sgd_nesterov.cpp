// One step of SGD with Nesterov momentum and weight decay over all parameters at once.
#include "chunks.h"
#include "operation.h"
#include "simd.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_sgd_nesterov_args& args, Workspace&) : args_(args), chunks_(divide_up(args.count, kUnit)) {}

  void run() const {
    const Vec rate = broadcast(static_cast<float>(-args_.control->learning_rate));
    const Vec momentum = broadcast(static_cast<float>(args_.momentum));
    const Vec decay = broadcast(static_cast<float>(args_.weight_decay));
    chunks_.parallel(args_.execution.threads, [&](int64_t, int64_t begin, int64_t end, int) {
      const int64_t last = end * kUnit < args_.count ? end * kUnit : args_.count;
      for (int64_t i = begin * kUnit; i < last; i += kLanes) {
        const int64_t n = lanes(i, last);
        const Vec p = load(args_.parameters + i, n);
        const Vec g = fma(decay, p, load(args_.gradients + i, n));
        const Vec v = fma(momentum, load(args_.velocity + i, n), g);
        store(args_.velocity + i, v, n);
        store(args_.parameters + i, fma(rate, fma(momentum, v, g), p), n);
      }
    });
  }

 private:
  static constexpr int64_t kUnit = 4096;

  dn_sgd_nesterov_args args_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(sgd_nesterov, Plan)
