// Mean cross entropy of the softmax of the logits, its gradient, and how many images were classified right.
// One block: a warp a row, sums in an order that depends on nothing. Moves 8 bytes a value, and 12 through the cache.
// Exponentials are in float, since double ones would take a consumer's GPU a millisecond for 64 rows of 1000: what is
// lost in logit - largest is put back, and what there is beside the largest term, 1, is summed by itself, in double. So
// loss and gradient are good to 1e-6 of their own values even where the network is sure.
#include "grid.cuh"

namespace {

constexpr int kWarp = 32, kWarps = 32;
constexpr uint32_t kAll = 0xFFFFFFFFu;

// The first largest logit of a row, as std::max_element finds it.
struct Largest {
  float value;
  int64_t index;

  __device__ void take(float other, int64_t at) {
    if (other > value || (other == value && at < index)) {
      value = other;
      index = at;
    }
  }
};

__device__ Largest largest(const float* logits, int64_t classes, int lane) {
  Largest best = {logits[0], 0};
  for (int64_t k = lane; k < classes; k += kWarp) best.take(logits[k], k);
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    const float value = __shfl_xor_sync(kAll, best.value, distance);
    const int64_t index = __shfl_xor_sync(kAll, best.index, distance);
    best.take(value, index);
  }
  return best;
}

template <class T>
__device__ T sum(T x) {
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2) x += __shfl_xor_sync(kAll, x, distance);
  return x;
}

// exp(x - y): with the rounding error of the difference (Knuth's two-sum).
__device__ float exp_difference(float x, float y) {
  const float d = x - y, back = d - x;
  const float error = (x - (d - back)) - (y + back);
  const float e = expf(d);
  return e > 0 ? fmaf(e, error, e) : e;
}

// Writes the gradient of a row; returns its loss.
__device__ double row_loss(float* dlogits, const float* logits, int64_t label, const Largest& best, double batch,
                           int64_t classes, int lane) {
  double others = 0;
  for (int64_t k = lane; k < classes; k += kWarp) {
    const float e = exp_difference(logits[k], best.value);
    dlogits[k] = e;
    others += k == best.index ? logits[k] - best.value : e;
  }
  others = sum(others);

  const float scale = static_cast<float>(1.0 / ((1.0 + others) * batch));
  for (int64_t k = lane; k < classes; k += kWarp) {
    const double without_label = label == best.index ? others : 1.0 + others - dlogits[k];
    dlogits[k] = scale * (k == label ? -static_cast<float>(without_label) : dlogits[k]);
  }
  return log1pf(static_cast<float>(others)) + (static_cast<double>(best.value) - logits[label]);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kWarp* kWarps)
    dn_softmax_xent(double* loss, int64_t* correct, float* dlogits, const float* logits, const int32_t* labels,
                    int64_t batch, int64_t classes) {
  __shared__ double losses[kWarps];
  __shared__ int64_t rights[kWarps];
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  double warp_loss = 0;
  int64_t warp_rights = 0;
  for (int64_t n = warp; n < batch; n += kWarps) {
    const float* row = logits + n * classes;
    const Largest best = largest(row, classes, lane);
    warp_loss += row_loss(dlogits + n * classes, row, labels[n], best, static_cast<double>(batch), classes, lane);
    warp_rights += best.index == labels[n];
  }
  if (lane == 0) {
    losses[warp] = warp_loss;
    rights[warp] = warp_rights;
  }
  __syncthreads();
  if (warp == 0) {
    const double all = sum(losses[lane]);
    const int64_t right = sum(rights[lane]);
    if (lane == 0) {
      *loss = all / static_cast<double>(batch);
      *correct = right;
    }
  }
}
