package io.github.densenet4j.internal.random;

/**
 * The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014): a counter
 * that steps by the golden ratio, followed by a mixing function. Written out here because the bits of a run may never
 * depend on the JDK. Also used without state, as a hash of (seed, purpose, epoch, image).
 */
public final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  public SplitMix64(long seed) {
    state = seed;
  }

  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Uniform in [0, 1), 53 bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Standard normal, by the transform of Box and Muller with StrictMath. */
  public double nextGaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
  }

  /** The key that {@code word} leads to from {@code key}; different words lead to different keys. */
  public static long key(long key, long word) {
    return mix((key ^ word) + GOLDEN_GAMMA);
  }

  /** Fills {@code order} with a random permutation of 0 .. length - 1 (Fisher and Yates). */
  public void permute(int[] order) {
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
