package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shifts and scales each channel: {@code (value - mean) / std}, in the unit of the images that it was measured on, such
 * as 0 to 255 for bytes.
 *
 * @param mean one per channel
 * @param std one per channel, positive
 */
public record Normalization(List<Double> mean, List<Double> std) {
  /** The most images that are decoded for it. */
  public static final int SAMPLE = 1_000;

  private static final long SAMPLE_SEED = 0x6d65616eL; // any number will do, but it may never change
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
   * Mean and population standard deviation of each channel over all pixels, padding included. Bytes are counted by
   * level; other values are added up in the order of the images. A constant channel gets the deviation 1.
   *
   * @throws DataException if a value is not finite
   */
  public static Normalization of(ImageSource images) {
    return switch (images.pixels()) {
      case UINT8 -> ofBytes(images);
      case FLOAT32 -> ofFloats(images);
    };
  }

  /**
   * Of at most {@link #SAMPLE} images, always the same ones of as many; otherwise as {@link #of}. A mean over a thousand
   * images is off by a thirtieth of what images differ by.
   *
   * @throws DataException if a value is not finite
   */
  public static Normalization ofSample(ImageSource images) {
    if (images.count() <= SAMPLE) {
      return of(images);
    }
    int[] order = new int[images.count()];
    new SplitMix64(SAMPLE_SEED).permute(order);
    return of(images.select(Arrays.copyOf(order, SAMPLE)));
  }

  private static Normalization ofBytes(ImageSource images) {
    int channels = images.channels();
    long[] histogram = new long[channels * LEVELS]; // (C, 256)
    byte[] pixels = new byte[images.imageValues()];
    for (int image = 0; image < images.count(); image++) {
      images.read(image, pixels, 0);
      for (int i = 0; i < pixels.length; i += channels) {
        for (int c = 0; c < channels; c++) {
          histogram[c * LEVELS + Byte.toUnsignedInt(pixels[i + c])]++;
        }
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

  private static Normalization ofFloats(ImageSource images) {
    var sums = new ChannelSums(images.channels());
    float[] image = new float[images.imageValues()];
    for (int i = 0; i < images.count(); i++) {
      images.read(i, image, 0);
      for (float value : image) {
        if (!Float.isFinite(value)) {
          throw new DataException("training image %d has a value that is %s, it must be finite".formatted(i, value));
        }
      }
      sums.add(image);
    }
    return new Normalization(sums.mean(), sums.deviation());
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

  /**
   * Normalises pixels, each value rounded once from doubles, as {@link #levels} are.
   *
   * @param from (pixels, C), at {@code start}
   * @param into likewise, at {@code offset}; may be the same array and place
   * @param count values, whole pixels
   */
  public void apply(float[] from, int start, float[] into, int offset, int count) {
    int channels = channels();
    for (int c = 0; c < channels; c++) {
      double average = mean.get(c);
      double deviation = std.get(c);
      for (int i = c; i < count; i += channels) {
        into[offset + i] = (float) ((from[start + i] - average) / deviation);
      }
    }
  }
}
