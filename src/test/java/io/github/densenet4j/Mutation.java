package io.github.densenet4j;

import java.util.Arrays;
import java.util.Random;

/** Damages files, always in the same ways for a seed. */
public final class Mutation {
  private static final int[] TELLING = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '[', ',', '-', '9'};

  private final Random random;

  public Mutation(long seed) {
    random = new Random(seed);
  }

  /** A damaged copy, with one to four faults. */
  public byte[] of(byte[] whole) {
    byte[] bytes = whole.clone();
    for (int faults = 1 + random.nextInt(4); faults > 0 && bytes.length > 0; faults--) {
      bytes = damaged(bytes);
    }
    return bytes;
  }

  private byte[] damaged(byte[] bytes) {
    int at = place(bytes.length);
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2, 3 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
      case 4 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) TELLING[random.nextInt(TELLING.length)]);
      case 5 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 6 -> {
        return spliced(bytes, at, at + random.nextInt(Math.min(16, bytes.length - at) + 1), at);
      }
      default -> {
        int from = place(bytes.length);
        return spliced(bytes, from, Math.min(bytes.length, from + random.nextInt(64)), at);
      }
    }
    return bytes;
  }

  /** Half of the faults lie in the first 512 bytes, where most formats say how they go on. */
  private int place(int length) {
    return random.nextInt(random.nextBoolean() ? length : Math.min(length, 512));
  }

  /** The bytes with those between {@code from} and {@code to} once more at {@code at}; without them if at is from. */
  private static byte[] spliced(byte[] bytes, int from, int to, int at) {
    boolean remove = from == at;
    int middle = remove ? 0 : to - from;
    byte[] result = new byte[bytes.length + (remove ? from - to : middle)];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(bytes, from, result, at, middle);
    int rest = remove ? to : at;
    System.arraycopy(bytes, rest, result, at + middle, bytes.length - rest);
    return result;
  }
}
