package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.error.ConfigurationException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which network: one of the named models, a named model with other numbers, or numbers alone. */
final class ModelOptions {
  private static final String CUSTOM = "custom";
  private static final String DEFAULT = "bc-100-12";

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "bc-100-12 (default), bc-40-12, bc-250-24, bc-190-40, dense-40-12, dense-100-12, dense-100-24, "
          + "densenet121, 161, 169, 201 or 264; the numbers below change it, or describe one without a name")
  private String model;

  @Option(names = "--growth-rate", paramLabel = "K", description = "feature maps that each dense layer adds")
  private Integer growthRate;

  @Option(
      names = "--block-config",
      paramLabel = "N,N,...",
      hideParamSyntax = true,
      split = ",",
      description = "dense layers of each block, such as 16,16,16")
  private List<Integer> blockConfig;

  @Option(
      names = "--init-features",
      paramLabel = "N",
      description = "feature maps of the stem (default: 2 K, with the ImageNet stem 64)")
  private Integer initFeatures;

  @Option(
      names = "--bn-size",
      paramLabel = "N",
      description = "the bottleneck makes N x K feature maps, 0: no bottleneck (default: 4)")
  private Integer bnSize;

  @Option(
      names = "--compression",
      paramLabel = "THETA",
      description = "share of the feature maps that a transition keeps (default: 0.5)")
  private Double compression;

  @Option(names = "--stem", paramLabel = "NAME", description = "cifar (3x3, default) or imagenet (7x7 and pooling)")
  private Stem stem;

  @Option(names = "--in-channels", paramLabel = "N", description = "channels of an image")
  private Integer inChannels;

  @Option(names = "--image-size", paramLabel = "N", description = "height and width of an image")
  private Integer imageSize;

  @Option(names = "--classes", paramLabel = "N", description = "number of classes")
  private Integer classes;

  @Option(names = "--dropout", paramLabel = "P", description = "probability of a dropped feature (default: 0)")
  private Double dropout;

  /** The network for its own sort of images, or for those that the options say. */
  DenseNetConfig config() {
    var base = base();
    return with(base, base.inChannels(), base.imageSize(), base.classes());
  }

  /** The network for the images of {@code data}, where the options do not say otherwise. */
  DenseNetConfig config(Dataset data) {
    return with(base(), data.training().channels(), data.training().height(), data.classes());
  }

  /** The network for such images, where the options do not say otherwise. */
  DenseNetConfig config(int channels, int size, int labels) {
    return with(base(), channels, size, labels);
  }

  /** Height and width of the images that the network has where no data say otherwise. */
  int imageSize() {
    return or(imageSize, base().imageSize());
  }

  /** Whether any of these options was given. */
  boolean isGiven() {
    return Stream.of(
            model, growthRate, blockConfig, initFeatures, bnSize, compression, stem, inChannels, imageSize, classes,
            dropout)
        .anyMatch(Objects::nonNull);
  }

  private DenseNetConfig base() {
    if (model != null || growthRate == null && blockConfig == null) {
      return DenseNetConfig.named(model == null ? DEFAULT : model);
    }
    if (growthRate == null || blockConfig == null) {
      String missing = growthRate == null ? "--growth-rate" : "--block-config";
      throw new ConfigurationException(
          missing + " is missing: a model without a --model name needs both --growth-rate and --block-config");
    }
    return stem == Stem.IMAGENET ? numbers(64, 224, 1000) : numbers(2 * growthRate, 32, 10);
  }

  private DenseNetConfig numbers(int initFeatures, int imageSize, int classes) {
    // A single layer takes images of any size; the blocks asked for are checked with the images they will get.
    return new DenseNetConfig(
        CUSTOM, growthRate, List.of(1), or(this.initFeatures, initFeatures), 4, 0.5, 0, Stem.CIFAR, 3, imageSize,
        classes);
  }

  private DenseNetConfig with(DenseNetConfig base, int channels, int size, int labels) {
    return new DenseNetConfig(
        changes(base) ? CUSTOM : base.name(),
        or(growthRate, base.growthRate()),
        or(blockConfig, base.blockConfig()),
        or(initFeatures, base.initFeatures()),
        or(bnSize, base.bnSize()),
        or(compression, base.compression()),
        or(dropout, base.dropout()),
        or(stem, base.stem()),
        or(inChannels, channels),
        or(imageSize, size),
        or(classes, labels));
  }

  private boolean changes(DenseNetConfig base) {
    return !(or(growthRate, base.growthRate()).equals(base.growthRate())
        && or(blockConfig, base.blockConfig()).equals(base.blockConfig())
        && or(initFeatures, base.initFeatures()).equals(base.initFeatures())
        && or(bnSize, base.bnSize()).equals(base.bnSize())
        && or(compression, base.compression()).equals(base.compression())
        && or(stem, base.stem()) == base.stem());
  }

  private static <T> T or(T given, T other) {
    return given == null ? other : given;
  }
}
