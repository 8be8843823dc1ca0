// y = x times the mask of zeros and 1 / (1 - rate).
#include "dropout.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_dropout_fprop_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const { drop(values_, args_.y, args_.x, args_.dropout, args_.channels); }

 private:
  dn_dropout_fprop_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(dropout_fprop, Plan)
