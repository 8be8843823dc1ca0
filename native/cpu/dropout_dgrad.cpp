// dx = dy times the mask of the forward pass, which is made again.
#include "elementwise.h"
#include "operation.h"
#include "philox.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_dropout_dgrad_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    const DropoutMask mask(args_.dropout, args_.channels);
    values_.each_unit([&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; p++) {
        const float* from = args_.dy.data + p * args_.dy.pitch;
        float* to = args_.dx.data + p * args_.dx.pitch;
        if (to != from) std::copy(from, from + args_.channels, to);
        mask.apply(to, args_.dx.pitch, p, 1, 0, args_.channels);
      }
    });
  }

 private:
  dn_dropout_dgrad_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(dropout_dgrad, Plan)
