package io.github.densenet4j.internal.backend.cpu;

/** Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and dropout masks from it. */
final class Philox {
  private static final int ROUNDS = 10;
  private static final long[] MULTIPLIERS = {0xD2511F53L, 0xCD9E8D57L};
  private static final int[] WEYL = {0x9E3779B9, 0xBB67AE85};

  private Philox() {}

  /** The block of four words that belongs to a counter of four words and a key of two. */
  static int[] block(int[] counter, int[] key) {
    int[] block = counter.clone();
    for (int round = 0; round < ROUNDS; round++) {
      long even = MULTIPLIERS[0] * Integer.toUnsignedLong(block[0]);
      long odd = MULTIPLIERS[1] * Integer.toUnsignedLong(block[2]);
      block = new int[] {
        high(odd) ^ block[1] ^ (key[0] + round * WEYL[0]), (int) odd,
        high(even) ^ block[3] ^ (key[1] + round * WEYL[1]), (int) even
      };
    }
    return block;
  }

  private static int high(long product) {
    return (int) (product >>> 32);
  }

  /**
   * The factors, 0 or 1 / (1 - rate), of the first {@code count} elements of a convolution's output.
   *
   * <p>The key is the seed; the counter's low half is element / 4, its high half (step, layer) with 16 bits of layer;
   * an element stays if word element % 4 of the block is at least rate * 2^32.
   */
  static double[] mask(long seed, long step, long layer, double rate, int count) {
    long stream = (step << 16) | layer;
    long threshold = (long) (rate * 0x1p32);
    var mask = new double[count];
    for (int element = 0; element < count; element++) {
      int[] counter = {element / 4, 0, (int) stream, high(stream)};
      int word = block(counter, new int[] {(int) seed, high(seed)})[element % 4];
      mask[element] = Integer.toUnsignedLong(word) < threshold ? 0 : 1 / (1 - rate);
    }
    return mask;
  }
}
