// How the processor's rates of multiplication are measured.
#ifndef DENSENET4J_CPU_PEAK_H
#define DENSENET4J_CPU_PEAK_H

#include <omp.h>

#include "densenet4j.h"
#include "simd.h"

namespace dn {

constexpr int kPeakRuns = 8; // the best counts: others may have been disturbed

// Results end here, where no compiler can see that nobody wants them.
inline volatile float sink;

// The rate of a call of `body` on each thread, which does `amount`.
inline double best_rate(int64_t threads, double amount, float (*body)(float)) {
    double best = 0;
  for (int run = 0; run < kPeakRuns; run++) {
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

// Operations a second of multiply(accumulator) on every lane, `flops` each.
//
// An instruction can begin only when its accumulator is there, 4 to 6 cycles after its last one, and two begin in a
// cycle: that takes 12 accumulators. What the register file has beyond them is for the factors.
template <class Multiply>
double peak(int64_t threads, double flops) {
  constexpr int kAccumulators = kRegisters * 3 / 4;
  constexpr int64_t kSteps = (int64_t{48} << 20) / kAccumulators;
  return best_rate(threads, flops * kLanes * kAccumulators * kSteps, [](float start) {
    const Multiply multiply;
    // They begin with different values, or the compiler would keep one of them for all.
    Vec acc[kAccumulators];
    for (int k = 0; k < kAccumulators; k++) acc[k] = broadcast(start + static_cast<float>(k));
    for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 24
      for (int k = 0; k < kAccumulators; k++) acc[k] = multiply(acc[k]);
    }
    Vec sum = zero();
    for (int k = 0; k < kAccumulators; k++) sum = sum + acc[k];
    float all[kLanes];
    store(all, sum);
    return all[0];
  });
}

}  // namespace dn
#endif
