package io.github.densenet4j.internal.backend.cpu;

/**
 * Batch statistics of (pixels, channels), a value a channel.
 *
 * @param variance biased
 * @param farthest the largest distance of a value from the mean
 */
public record Moments(double[] mean, double[] variance, double[] farthest) {
  public static Moments of(double[] values, int channels) {
    int pixels = values.length / channels;
    var moments = new Moments(new double[channels], new double[channels], new double[channels]);
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        moments.mean[c] += values[p * channels + c];
      }
      moments.mean[c] /= pixels;
      for (int p = 0; p < pixels; p++) {
        double distance = values[p * channels + c] - moments.mean[c];
        moments.variance[c] += distance * distance / pixels;
        moments.farthest[c] = Math.max(moments.farthest[c], Math.abs(distance));
      }
    }
    return moments;
  }
}
