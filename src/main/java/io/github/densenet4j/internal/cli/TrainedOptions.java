package io.github.densenet4j.internal.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.weights.NamedWeights;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which trained network: a checkpoint of ours, or weights of others with what these do not say. */
final class TrainedOptions {
  @Option(names = "--checkpoint", paramLabel = "FILE", description = "a checkpoint that train wrote")
  private Path checkpoint;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "in place of a checkpoint: weights that others trained, as safetensors or as torch.save wrote them; "
          + "needs --model and --normalization")
  private Path weights;

  @Option(
      names = "--normalization",
      paramLabel = "VALUES",
      description = "of the images that the weights were trained on: imagenet, or MEAN:STD with a value from 0 to 1 for "
          + "each channel, such as 0.49,0.48,0.45:0.25,0.24,0.26")
  private String normalization;

  @Mixin private ModelOptions modelOptions;
  @Mixin private PictureOptions pictures;

  /**
   * Reads the network.
   *
   * @param images that it is to be for, if they are known
   */
  DenseNet network(Console console, Optional<ImageSource> images) {
    if ((checkpoint == null) == (weights == null)) {
      throw new ConfigurationException(
          "a trained network is missing or there are two: say either --checkpoint, or --weights with --model and "
              + "--normalization");
    }
    if (weights == null) {
      refuseForCheckpoint();
      return prepared(DenseNet.load(checkpoint));
    }
    if (normalization == null || !modelOptions.isGiven()) {
      throw new ConfigurationException(
          "--weights need " + (normalization == null ? "--normalization" : "--model")
              + ": the file does not say how its images were normalised, nor what its network is called");
    }
    var made = DenseNet.pretrained(weights, config(images), 0);
    if (made.newClassifier()) {
      throw new ConfigurationException(
          made.notes().stream().filter(note -> note.contains("classifier")).findFirst().orElseThrow()
              + ": leave out --classes");
    }
    made.notes().forEach(note -> console.err().println("densenet4j: note: " + note));
    return prepared(normalised(made.network()));
  }

  /** Whether a command is about weights, which say nothing of the images. */
  boolean ofOthers() {
    return weights != null;
  }

  private void refuseForCheckpoint() {
    if (normalization != null || modelOptions.isGiven()) {
      throw new ConfigurationException(
          "--checkpoint says itself what --model, its numbers and --normalization are for: leave these out");
    }
  }

  /** With the images' size and channels and the file's classes, where the options do not say otherwise. */
  private DenseNetConfig config(Optional<ImageSource> images) {
    var model = modelOptions.config();
    try (var file = NamedWeights.open(weights)) {
      int channels = images.map(ImageSource::channels).orElse(file.channels().orElse(model.inChannels()));
      int size = images.map(ImageSource::height).orElse(model.imageSize());
      return modelOptions.config(channels, size, file.classes().orElse(model.classes()));
    }
  }

  private DenseNet normalised(DenseNet network) {
    var numbers = ChannelNumbers.of(normalization);
    return network.withNormalization(numbers.mean(), numbers.deviation());
  }

  /** Files are prepared as the options say, else as they were for the network, ImageNet's networks as it is usual. */
  private DenseNet prepared(DenseNet network) {
    var config = network.config();
    boolean usual = weights != null && config.stem() == Stem.IMAGENET;
    if (network.preprocessing().isEmpty() && !usual && !pictures.isGiven()) {
      return network;
    }
    var base =
        network.preprocessing()
            .orElseGet(() -> Preprocessing.of(config.imageSize()).withChannels(config.inChannels()));
    return network.withPreprocessing(pictures.preprocessing(base));
  }
}
