// y = x * weight^T + bias. An image is one unit of work.
#include "chunks.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_linear_fprop_args& args, Workspace&) : args_(args), chunks_(args.batch) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t image = begin; image < end; image++) {
        const float* x = args_.x + image * args_.in_channels;
        for (int64_t o = 0; o < args_.out_channels; o++) {
          double y = args_.bias[o];
          for (int64_t c = 0; c < args_.in_channels; c++) y += x[c] * args_.weight[o * args_.in_channels + c];
          args_.y[image * args_.out_channels + o] = static_cast<float>(y);
        }
      }
    });
  }

 private:
  dn_linear_fprop_args args_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(linear_fprop, Plan)
