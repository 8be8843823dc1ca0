// dweight = dy^T * x, dbias = sum of dy. An output channel is one unit of work.
#include <algorithm>

#include "chunks.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_linear_wgrad_args& args, Workspace&) : args_(args), chunks_(args.out_channels) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        float* dweight = args_.dweight + o * args_.in_channels;
        std::fill(dweight, dweight + args_.in_channels, 0.0f);
        double dbias = 0;
        for (int64_t n = 0; n < args_.batch; n++) {
          const float dy = args_.dy[n * args_.out_channels + o];
          dbias += dy;
          for (int64_t c = 0; c < args_.in_channels; c++) dweight[c] += dy * args_.x[n * args_.in_channels + c];
        }
        args_.dbias[o] = static_cast<float>(dbias);
      }
    });
  }

 private:
  dn_linear_wgrad_args args_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(linear_wgrad, Plan)
