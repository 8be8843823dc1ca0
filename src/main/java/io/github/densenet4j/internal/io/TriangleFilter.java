package io.github.densenet4j.internal.io;

/**
 * The weights that turn an axis of one length into another: result {@code o} is the sum over {@code i} of
 * {@code weights[o][i] * source[first[o] + i]}.
 */
record TriangleFilter(int[] first, float[][] weights) {
  /** A triangle of radius 1 source pixel when growing, {@code from / to} source pixels when shrinking. */
  static TriangleFilter of(int from, int to) {
    double scale = (double) from / to;
    double radius = Math.max(1, scale);
    var first = new int[to];
    var weights = new float[to][];
    for (int o = 0; o < to; o++) {
      double centre = (o + 0.5) * scale;
      first[o] = (int) Math.max(0, Math.floor(centre - radius));
      int end = (int) Math.min(from, Math.ceil(centre + radius));
      weights[o] = normalised(first[o], end, centre, radius);
    }
    return new TriangleFilter(first, weights);
  }

  private static float[] normalised(int begin, int end, double centre, double radius) {
    var raw = new double[end - begin];
    double sum = 0;
    for (int i = 0; i < raw.length; i++) {
      raw[i] = Math.max(0, 1 - Math.abs(begin + i + 0.5 - centre) / radius);
      sum += raw[i];
    }
    var weights = new float[raw.length];
    for (int i = 0; i < raw.length; i++) {
      weights[i] = (float) (raw[i] / sum);
    }
    return weights;
  }
}
