// What the processor can do at most, to hold kernels against: multiply-adds from registers, copying through memory.
#include <omp.h>

#include "densenet4j.h"
#include "simd.h"

namespace {

using namespace dn;

// An instruction can begin only when its accumulator is there, 4 to 6 cycles after its last one, and two begin in a
// cycle: that takes 12 accumulators. What the register file has beyond them is for the factors.
constexpr int kAccumulators = kRegisters * 3 / 4;
constexpr int64_t kSteps = (int64_t{48} << 20) / kAccumulators;
constexpr int kRuns = 8; // the best counts: others may have been disturbed

// Results end here, where no compiler can see that nobody wants them.
volatile float sink;

float first_lane(Vec v) {
  float all[kLanes];
  store(all, v);
  return all[0];
}

// Accumulators begin with different values, or the compiler would keep one of them for all.
__attribute__((noinline)) float multiply_add(float start) {
  const Vec factor = broadcast(0.9999f), summand = broadcast(0.5f);
  Vec acc[kAccumulators];
  for (int k = 0; k < kAccumulators; k++) acc[k] = broadcast(start + static_cast<float>(k));
  for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 24
    for (int k = 0; k < kAccumulators; k++) acc[k] = fma(acc[k], factor, summand);
  }
  Vec sum = zero();
  for (int k = 0; k < kAccumulators; k++) sum = sum + acc[k];
  return first_lane(sum);
}

// `amount` is what one call of `body` does; every thread makes one call.
double best_rate(int64_t threads, double amount, float (*body)(float)) {
  double best = 0;
  for (int run = 0; run < kRuns; run++) {
    float sum = 0;
    const double start = omp_get_wtime();
#pragma omp parallel num_threads(static_cast<int>(threads)) reduction(+ : sum)
    sum += body(static_cast<float>(run));
    const double rate = static_cast<double>(threads) * amount / (omp_get_wtime() - start);
    sink = sum;
    if (rate > best) best = rate;
  }
  return best;
}

#if defined(__AVX512BF16__)

constexpr double kDotFlops = 4.0 * kLanes; // two products and two sums a lane

__attribute__((noinline)) float dot(float start) {
  const auto pair = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f003f00)); // 0.5, 0.5
  Vec acc[kAccumulators];
  for (int k = 0; k < kAccumulators; k++) acc[k] = broadcast(start + static_cast<float>(k));
  for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 24
    for (int k = 0; k < kAccumulators; k++) acc[k] = _mm512_dpbf16_ps(acc[k], pair, pair);
  }
  Vec sum = zero();
  for (int k = 0; k < kAccumulators; k++) sum = sum + acc[k];
  return first_lane(sum);
}

#endif

}  // namespace

extern "C" {

double dn_measure_fma_peak(int64_t threads) {
  return best_rate(threads, 2.0 * kLanes * kAccumulators * kSteps, multiply_add);
}

double dn_measure_dot_peak(int64_t threads) {
#if defined(__AVX512BF16__)
  return best_rate(threads, kDotFlops * kAccumulators * kSteps, dot);
#else
  (void)threads;
  return 0;
#endif
}

double dn_measure_copy_bandwidth(void* memory, int64_t bytes, int64_t threads) {
  const int64_t half = bytes / 2 / static_cast<int64_t>(sizeof(Vec));
  float* const from = static_cast<float*>(memory);
  float* const to = from + half * kLanes;
  // The factor keeps this loop from becoming a call of memcpy, which would go around the caches as no kernel does.
  // Pages that were never written would all be the same page of zeros: the first pass fills what the others read.
  auto pass = [&](const float* source, float* target, float factor, float summand) {
#pragma omp parallel for schedule(static) num_threads(static_cast<int>(threads))
    for (int64_t i = 0; i < half; i++) {
      store(target + i * kLanes, fma(load(source + i * kLanes), broadcast(factor), broadcast(summand)));
    }
  };
  pass(from, from, 0.0f, 1.0f);
  pass(from, to, 1.5f, 0.0f);
  double best = 0;
  for (int run = 0; run < kRuns; run++) {
    const double start = omp_get_wtime();
    pass(from, to, 1.5f, 0.0f);
    const double rate = 2.0 * static_cast<double>(half) * sizeof(Vec) / (omp_get_wtime() - start);
    if (rate > best) best = rate;
  }
  return best;
}
}
