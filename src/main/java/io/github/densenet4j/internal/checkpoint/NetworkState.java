package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.network.Parameters;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network as such: what evaluation and prediction need. Arrays are laid out as {@link Parameters} says, are not copied
 * and must not be changed.
 *
 * @param steps that the running statistics have seen
 * @param parameters learnable values
 * @param running running statistics
 */
public record NetworkState(
    DenseNetConfig config, TrainedOn data, long steps, float[] parameters, float[] running) {
  /** An untrained network, of classes without names and for images that are not normalised. */
  public static NetworkState initial(DenseNetConfig config, long seed) {
    var layout = new Parameters(config);
    var initial = new Initialization(seed);
    return new NetworkState(config, unknown(config), 0, initial.learnable(layout), initial.running(layout));
  }

  /** The same for images that are prepared in another way. */
  public NetworkState prepared(Preprocessing preprocessing) {
    if (preprocessing.size() != config.imageSize() || preprocessing.channels() != config.inChannels()) {
      throw new ConfigurationException(
          "the picture size is %d and the picture channels are %d, but the model takes %dx%d images of %d channels"
              .formatted(
                  preprocessing.size(), preprocessing.channels(), config.imageSize(), config.imageSize(),
                  config.inChannels()),
          "picture size", "picture channels");
    }
    return new NetworkState(config, data.prepared(preprocessing), steps, parameters, running);
  }

  private static TrainedOn unknown(DenseNetConfig config) {
    List<String> names = IntStream.range(0, config.classes()).mapToObj(label -> "class " + label).toList();
    int channels = config.inChannels();
    return new TrainedOn(
        "", 0, 0, names, ImageSource.Pixels.UINT8,
        new Normalization(Collections.nCopies(channels, 0.0), Collections.nCopies(channels, 1.0)), "");
  }
}
