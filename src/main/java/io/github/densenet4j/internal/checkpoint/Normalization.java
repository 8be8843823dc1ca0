package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.data.ImageSet;
import io.github.densenet4j.error.DataException;
import java.util.ArrayList;
import java.util.List;

/**
 * Shifts and scales each channel: {@code (pixel - mean) / std}, in units of 0..255.
 *
 * @param mean one per channel
 * @param std one per channel, positive
 */
public record Normalization(List<Double> mean, List<Double> std) {
  private static final int LEVELS = 256;

  /**
   * Copies both lists.
   *
   * @throws DataException if they are empty, differ in length, are not finite, or a deviation is not positive
   */
  public Normalization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.isEmpty()
        || mean.size() != std.size()
        || !mean.stream().allMatch(Double::isFinite)
        || !std.stream().allMatch(value -> Double.isFinite(value) && value > 0)) {
      throw new DataException(
          "The normalisation has mean %s and std %s, expected a finite mean and a positive std for every channel."
              .formatted(mean, std));
    }
  }

  /**
   * Mean and population standard deviation of each channel over all pixels, padding included, from integer counts of
   * the 256 levels. A constant channel gets the deviation 1.
   */
  public static Normalization of(ImageSet images) {
    int channels = images.channels();
    long[] histogram = new long[channels * LEVELS]; // (C, 256)
    byte[] pixels = images.array();
    int end = images.offset(images.count() - 1) + images.imageSize();
    for (int i = images.offset(0); i < end; i += channels) {
      for (int c = 0; c < channels; c++) {
        histogram[c * LEVELS + Byte.toUnsignedInt(pixels[i + c])]++;
      }
    }
    List<Double> mean = new ArrayList<>();
    List<Double> std = new ArrayList<>();
    double n = (double) images.count() * images.height() * images.width();
    for (int c = 0; c < channels; c++) {
      long sum = 0;
      for (int v = 0; v < LEVELS; v++) {
        sum += v * histogram[c * LEVELS + v];
      }
      double average = sum / n;
      double squares = 0;
      for (int v = 0; v < LEVELS; v++) {
        squares += histogram[c * LEVELS + v] * (v - average) * (v - average);
      }
      mean.add(average);
      std.add(squares == 0 ? 1 : Math.sqrt(squares / n));
    }
    return new Normalization(mean, std);
  }

  /** The number of channels. */
  public int channels() {
    return mean.size();
  }

  /** The normalised value of each level of a channel, (C, 256), each rounded once from doubles. */
  public float[] levels() {
    float[] levels = new float[channels() * LEVELS];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (float) ((i % LEVELS - mean.get(i / LEVELS)) / std.get(i / LEVELS));
    }
    return levels;
  }
}
