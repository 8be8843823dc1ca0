// What the processor can do at most, to hold kernels against: multiply-adds from registers, copying through memory.
#include "chunks.h"
#include "peak.h"

namespace {

using namespace dn;

struct MultiplyAdd {
  const Vec factor = broadcast(0.9999f), summand = broadcast(0.5f);
  DN_INLINE Vec operator()(Vec x) const { return fma(x, factor, summand); }
};

}  // namespace

extern "C" {

double dn_measure_fma_peak(int64_t threads) { return peak<MultiplyAdd>(threads, 2); }

double dn_measure_copy_bandwidth(void* memory, int64_t bytes, int64_t threads) {
  const int64_t half = bytes / 2 / static_cast<int64_t>(sizeof(Vec));
  float* const from = static_cast<float*>(memory);
  float* const to = from + half * kLanes;
  // The factor keeps this loop from becoming a call of memcpy, which would go around the caches as no kernel does.
  // Pages that were never written would all be the same page of zeros: the first pass fills what the others read.
  const auto pass = [&](const float* source, float* target, float factor, float summand) {
    Chunks(half).parallel(threads, [&](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) {
        store(target + i * kLanes, fma(load(source + i * kLanes), broadcast(factor), broadcast(summand)));
      }
    });
  };
  pass(from, from, 0.0f, 1.0f);
  pass(from, to, 1.5f, 0.0f);
  return best_rate(2.0 * static_cast<double>(half) * sizeof(Vec), [&] { pass(from, to, 1.5f, 0.0f); });
}
}
