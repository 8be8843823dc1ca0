package io.github.densenet4j.internal.picture;

/**
 * The weights that turn an axis of one length into a part of another: result {@code o} is the sum over {@code i} of
 * {@code weights[o][i] * source[first[o] + i]}. When an axis shrinks the kernel widens with it, so that every source
 * pixel counts and nothing aliases; at the border the weights are renormalised. The arithmetic is that of Pillow.
 */
record Axis(int[] first, float[][] weights) {
  /**
   * @param begin the first result, of {@code to}; where there is no such pixel, there are no weights
   * @param count how many results
   */
  static Axis of(Kernel kernel, int from, int to, int begin, int count) {
    double scale = (double) from / to;
    double widening = Math.max(1, scale);
    double support = kernel.support() * widening;
    var first = new int[count];
    var weights = new float[count][];
    for (int o = 0; o < count; o++) {
      if (begin + o < 0 || begin + o >= to) {
        weights[o] = new float[0];
        continue;
      }
      double centre = (begin + o + 0.5) * scale;
      first[o] = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(from, (int) (centre + support + 0.5));
      weights[o] = normalised(kernel, first[o], end, centre, widening);
    }
    return new Axis(first, weights);
  }

  private static float[] normalised(Kernel kernel, int begin, int end, double centre, double widening) {
    var raw = new double[end - begin];
    double sum = 0;
    for (int i = 0; i < raw.length; i++) {
      raw[i] = kernel.at((begin + i - centre + 0.5) / widening);
      sum += raw[i];
    }
    var weights = new float[raw.length];
    for (int i = 0; i < raw.length; i++) {
      weights[i] = (float) (raw[i] / sum);
    }
    return weights;
  }

  int count() {
    return first.length;
  }

  /** The most source pixels that any result takes. */
  int reach() {
    int reach = 1;
    for (float[] some : weights) {
      reach = Math.max(reach, some.length);
    }
    return reach;
  }
}
