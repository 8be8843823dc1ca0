package io.github.densenet4j.internal.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * Mean and squared deviations of each channel, image by image in the order given: those of an image are taken around its
 * own mean, then joined with what came before (Chan, Golub and LeVeque 1979), so that large means lose no digits.
 */
final class ChannelSums {
  private final double[] mean;
  private final double[] squares;
  private long pixels;

  ChannelSums(int channels) {
    mean = new double[channels];
    squares = new double[channels];
  }

  /** @param image (pixels, channels) */
  void add(float[] image) {
    int channels = mean.length;
    long added = image.length / channels;
    for (int c = 0; c < channels; c++) {
      double first = image[c];
      double sum = 0;
      for (int i = c; i < image.length; i += channels) {
        sum += image[i] - first; // 0 for a constant channel, whatever its value
      }
      double average = first + sum / added;
      double within = 0;
      for (int i = c; i < image.length; i += channels) {
        within += (image[i] - average) * (image[i] - average);
      }
      double apart = average - mean[c];
      double share = (double) added / (pixels + added);
      squares[c] += within + apart * apart * pixels * share;
      mean[c] += apart * share;
    }
    pixels += added;
  }

  List<Double> mean() {
    var means = new ArrayList<Double>();
    for (double value : mean) {
      means.add(value);
    }
    return means;
  }

  /** Population standard deviations; 1 for a constant channel. */
  List<Double> deviation() {
    var deviations = new ArrayList<Double>();
    for (double value : squares) {
      deviations.add(value == 0 ? 1 : Math.sqrt(value / pixels));
    }
    return deviations;
  }
}
