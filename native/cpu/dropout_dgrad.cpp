// dx = dy times the mask of the forward pass, which is made again.
#include "dropout.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_dropout_dgrad_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const { drop(values_, args_.dx, args_.dy, args_.dropout, args_.channels); }

 private:
  dn_dropout_dgrad_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(dropout_dgrad, Plan)
