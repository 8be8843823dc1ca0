// How fast pairs of bfloat16 are multiplied at most.
#include "peak.h"

#if defined(__AVX512BF16__)

namespace {

struct Dot {
  const __m512bh pair = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f003f00)); // 0.5, 0.5
  DN_INLINE dn::Vec operator()(dn::Vec sum) const { return _mm512_dpbf16_ps(sum, pair, pair); }
};

}  // namespace

// Two products and two sums a lane.
extern "C" double dn_measure_dot_peak(int64_t threads) { return dn::peak<Dot>(threads, 4); }

#else

extern "C" double dn_measure_dot_peak(int64_t) { return 0; }

#endif
