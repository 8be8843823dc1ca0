// How the processor's rates of multiplication are measured.
#ifndef DENSENET4J_CPU_PEAK_H
#define DENSENET4J_CPU_PEAK_H

#include <algorithm>
#include <atomic>
#include <chrono>

#include "densenet4j.h"
#include "simd.h"
#include "threads.h"

namespace dn {

constexpr int kPeakRuns = 8; // the best counts: others may have been disturbed

// Results end here, where no compiler can see that nobody wants them.
inline volatile float sink;

// The highest of the rates at which work(), which does `amount`, is done.
template <class Work>
double best_rate(double amount, const Work& work) {
  double best = 0;
  for (int run = 0; run < kPeakRuns; run++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, amount / seconds.count());
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
  const auto once = [](float start) {
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
    sink = all[0];
  };
  return best_rate(static_cast<double>(threads) * flops * kLanes * kAccumulators * kSteps, [&] {
    std::atomic<int64_t> left{threads};
    parallel(threads, [&](int thread) {
      while (left.fetch_sub(1) > 0) once(static_cast<float>(thread));
    });
  });
}

}  // namespace dn
#endif
