// dx = dy * weight. An image is one unit of work.
#include <algorithm>

#include "chunks.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_linear_dgrad_args& args, Workspace&) : args_(args), chunks_(args.batch) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t image = begin; image < end; image++) {
        float* dx = args_.dx + image * args_.in_channels;
        std::fill(dx, dx + args_.in_channels, 0.0f);
        for (int64_t o = 0; o < args_.out_channels; o++) {
          const float dy = args_.dy[image * args_.out_channels + o];
          for (int64_t c = 0; c < args_.in_channels; c++) dx[c] += dy * args_.weight[o * args_.in_channels + c];
        }
      }
    });
  }

 private:
  dn_linear_dgrad_args args_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(linear_dgrad, Plan)
