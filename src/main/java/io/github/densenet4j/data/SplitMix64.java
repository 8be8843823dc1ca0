package io.github.densenet4j.data;

/**
 * The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014): a counter
 * that steps by the golden ratio, followed by a mixing function. Written out here because the bits of a run may never
 * depend on the JDK. Also used without state, as a hash of (seed, purpose, epoch, image).
 */
final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  SplitMix64(long seed) {
    state = seed;
  }

  long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** The key that {@code word} leads to from {@code key}; different words lead to different keys. */
  static long key(long key, long word) {
    return mix((key ^ word) + GOLDEN_GAMMA);
  }

  /** Fills {@code order} with a random permutation of 0 .. length - 1 (Fisher and Yates). */
  void permute(int[] order) {
    for (int i = 0; i < order.length; i++) {
      int j = (int) Math.unsignedMultiplyHigh(nextLong(), i + 1L); // 0 .. i; off uniform by less than 2^-32
      order[i] = order[j];
      order[j] = i;
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
