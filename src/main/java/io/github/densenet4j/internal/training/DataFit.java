package io.github.densenet4j.internal.training;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSet;
import io.github.densenet4j.error.ConfigurationException;

/** Whether a network can take a data set's images. */
public final class DataFit {
  private DataFit() {}

  /** @throws ConfigurationException if size, channels or classes differ; the message names both sides */
  public static void check(DenseNetConfig config, Dataset data) {
    ImageSet images = data.training();
    if (images.height() != config.imageSize()
        || images.width() != config.imageSize()
        || images.channels() != config.inChannels()
        || data.classes() != config.classes()) {
      throw new ConfigurationException(
          "the model takes %dx%d images of %d channels in %d classes, but %s has %dx%d images of %d channels in %d classes"
              .formatted(
                  config.imageSize(), config.imageSize(), config.inChannels(), config.classes(), data.name(),
                  images.height(), images.width(), images.channels(), data.classes()));
    }
  }
}
