// y = x, into a channel slice of the concatenation.
#include "elementwise.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_concat_append_args& args, Workspace&)
      : args_(args), values_(args.pixels, args.channels, args.execution.threads) {}

  void run() const {
    values_.run(args_.y, [](Vec x, int64_t, int64_t) { return x; }, args_.x);
  }

 private:
  dn_concat_append_args args_;
  Elementwise values_;
};

}  // namespace

DN_DEFINE_OPERATION(concat_append, Plan)
