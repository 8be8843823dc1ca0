package io.github.densenet4j.internal.backend.cpu;

import java.util.SplittableRandom;

/** Inputs that look random and are the same every time. */
public final class Draws {
  private final SplittableRandom random;

  public Draws(long seed) {
    random = new SplittableRandom(seed);
  }

  public float[] normal(int count, double mean, double deviation) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian(mean, deviation);
    }
    return values;
  }

  public float[] uniform(int count, double from, double to) {
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(from, to);
    }
    return values;
  }

  public int[] integers(int count, int bound) {
    return random.ints(count, 0, bound).toArray();
  }
}
