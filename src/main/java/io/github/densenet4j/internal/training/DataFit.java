package io.github.densenet4j.internal.training;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.ConfigurationException;

/** Whether a network can take images. */
public final class DataFit {
  private DataFit() {}

  /** @throws ConfigurationException if size, channels or classes differ; the message names both sides */
  public static void check(DenseNetConfig config, Dataset data) {
    require(config, data.training(), data.name(), data.classes(), data.classes() == config.classes());
  }

  /** @throws ConfigurationException if size, channels or classes of the held-out images differ */
  public static void check(DenseNetConfig config, Dataset data, ImageSource heldOut) {
    require(config, heldOut, data.name(), data.classes(), data.classes() == config.classes());
  }

  /** @throws ConfigurationException if size or channels differ, or a label is no class of the network */
  public static void check(DenseNetConfig config, ImageSource images) {
    int largest = 0;
    for (int i = 0; i < images.count(); i++) {
      int label = images.label(i);
      if (label < 0) {
        throw new ConfigurationException("the label of image " + i + " is " + label + ", it must be at least 0");
      }
      largest = Math.max(largest, label);
    }
    require(config, images, "the set", largest + 1, largest < config.classes());
  }

  private static void require(
      DenseNetConfig config, ImageSource images, String name, int classes, boolean classesFit) {
    if (images.height() != config.imageSize()
        || images.width() != config.imageSize()
        || images.channels() != config.inChannels()
        || !classesFit) {
      throw new ConfigurationException(
          "the model takes %dx%d images of %d channels in %d classes, but %s has %dx%d images of %d channels in %d classes"
              .formatted(
                  config.imageSize(), config.imageSize(), config.inChannels(), config.classes(), name,
                  images.height(), images.width(), images.channels(), classes));
    }
  }
}
