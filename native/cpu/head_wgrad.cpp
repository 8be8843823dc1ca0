// dweight = dlogits^T * pooled, dbias = sum of dlogits. A class is one unit of work.
#include <algorithm>

#include "chunks.h"
#include "operation.h"

namespace {

using namespace dn;

class Plan {
 public:
  Plan(const dn_head_wgrad_args& args, Workspace&) : args_(args), chunks_(args.classes) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t k = begin; k < end; k++) {
        float* dweight = args_.dweight + k * args_.channels;
        std::fill(dweight, dweight + args_.channels, 0.0f);
        double dbias = 0;
        for (int64_t n = 0; n < args_.batch; n++) {
          const float dlogit = args_.dlogits[n * args_.classes + k];
          dbias += dlogit;
          for (int64_t c = 0; c < args_.channels; c++) dweight[c] += dlogit * args_.pooled[n * args_.channels + c];
        }
        args_.dbias[k] = static_cast<float>(dbias);
      }
    });
  }

 private:
  dn_head_wgrad_args args_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(head_wgrad, Plan)
