// pooled = global average of relu(scale * x + shift); logits = pooled * weight^T + bias. An image is one unit of work.
#include <algorithm>
#include <cstring>

#include "chunks.h"
#include "element.h"
#include "operation.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_head_fprop_args& args, Workspace&) : args_(args), x_(args.x), chunks_(args.extent.batch) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t image = begin; image < end; image++) {
        pool(image);
        classify(image);
      }
    });
  }

 private:
  void pool(int64_t image) const {
    const int64_t pixels = args_.extent.height * args_.extent.width, pitch = x_.pitch;
    const T* x = x_.at(image * pixels);
    const Vec share = broadcast(1.0f / static_cast<float>(pixels));
    for (int64_t c = 0; c < args_.channels; c += kLanes) {
      const int64_t n = lanes(c, args_.channels);
      const Vec scale = load(args_.affine.scale + c, n), shift = load(args_.affine.shift + c, n);
      Vec sum = zero();
      for (int64_t p = 0; p < pixels; p++) sum = sum + relu(fma(load(x + p * pitch + c, n), scale, shift));
      store(args_.pooled + image * args_.channels + c, sum * share, n);
    }
  }

  // Several classes at a time: the additions of one wait for each other.
  void classify(int64_t image) const {
    constexpr int64_t kTogether = 4;
    int64_t k = 0;
    for (; k + kTogether <= args_.classes; k += kTogether) logits<kTogether>(image, k);
    for (; k < args_.classes; k++) logits<1>(image, k);
  }

  // Products are rounded, their sums are of doubles: four of a class, each over every fourth channel.
  template <int count>
  void logits(int64_t image, int64_t k) const {
    const float *pooled = args_.pooled + image * args_.channels, *weight = args_.weight + k * args_.channels;
    const int64_t whole = args_.channels - args_.channels % kSums;
    Doubles sums[count] = {};
    for (int64_t c = 0; c < whole; c += kSums) {
      const Floats x = floats(pooled + c);
#pragma GCC unroll 4
      for (int i = 0; i < count; i++) {
        sums[i] += __builtin_convertvector(x * floats(weight + i * args_.channels + c), Doubles);
      }
    }
    for (int i = 0; i < count; i++) {
      double sum = args_.bias[k + i] + (sums[i][0] + sums[i][1]) + (sums[i][2] + sums[i][3]);
      for (int64_t c = whole; c < args_.channels; c++) sum += pooled[c] * weight[i * args_.channels + c];
      args_.logits[image * args_.classes + k + i] = static_cast<float>(sum);
    }
  }

  static constexpr int64_t kSums = 4;
  typedef float Floats __attribute__((vector_size(kSums * sizeof(float))));
  typedef double Doubles __attribute__((vector_size(kSums * sizeof(double))));

  static DN_INLINE Floats floats(const float* from) {
    Floats values;
    std::memcpy(&values, from, sizeof values);
    return values;
  }

  dn_head_fprop_args args_;
  Slice<T> x_;
  Chunks chunks_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(head_fprop, Plan, x)
