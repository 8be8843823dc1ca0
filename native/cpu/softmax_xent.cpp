// Mean cross entropy of the softmax of the logits, its gradient, and how many images were classified right.
#include <algorithm>
#include <cmath>

#include "operation.h"

namespace {

class Plan {
 public:
  Plan(const dn_softmax_xent_args& args, dn::Workspace&) : args_(args) {}

  void run() const {
    double loss = 0;
    int64_t correct = 0;
    for (int64_t n = 0; n < args_.batch; n++) {
      const float* logits = args_.logits + n * args_.classes;
      const int64_t label = args_.labels[n];
      const double largest = *std::max_element(logits, logits + args_.classes);
      double sum = 0;
      for (int64_t k = 0; k < args_.classes; k++) sum += std::exp(logits[k] - largest);
      for (int64_t k = 0; k < args_.classes; k++) {
        const double probability = std::exp(logits[k] - largest) / sum;
        args_.dlogits[n * args_.classes + k] =
            static_cast<float>((probability - (k == label)) / static_cast<double>(args_.batch));
      }
      loss += std::log(sum) + largest - logits[label];
      correct += std::max_element(logits, logits + args_.classes) - logits == label;
    }
    *args_.loss = loss / static_cast<double>(args_.batch);
    *args_.correct = correct;
  }

 private:
  dn_softmax_xent_args args_;
};

}  // namespace

DN_DEFINE_OPERATION(softmax_xent, Plan)
