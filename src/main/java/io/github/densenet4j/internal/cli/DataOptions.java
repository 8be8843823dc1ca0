package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What to train on, and how well it is held apart. */
final class DataOptions {
  /** What {@code --data} takes, for every command that has it. */
  static final String SOURCES =
      "fashion-mnist-sample (bundled), idx:DIR (MNIST family), cifar10:DIR or cifar100:DIR (official binary files), "
          + "pack:FILE (what pack wrote)";

  /** Of what is held out: the last images of a set that is sorted by class would all be of one. */
  private static final long SPLIT_SEED = 20_17;

  @Option(names = "--data", required = true, paramLabel = "SOURCE", description = SOURCES)
  private String source;

  @Option(
      names = "--validation-split",
      defaultValue = "0",
      paramLabel = "F",
      description = "hold out this fraction of the training images, drawn at random, always the same ones (default: 0, "
          + "the data's own held-out images)")
  private double validationSplit;

  @Option(names = "--limit", paramLabel = "N", description = "train on the first N training images only")
  private Integer limit;

  /** The name of the data set or of its format, without a folder. */
  String kind() {
    return source.split(":", 2)[0];
  }

  /** Reads the data. The fraction is held out first, so that {@code --limit} does not change what is held out. */
  Dataset open() {
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new ConfigurationException(
          "--validation-split is " + validationSplit + ", it must be at least 0 and below 1");
    }
    var data = Dataset.open(source);
    if (validationSplit > 0) {
      data = split(data);
    }
    return limit == null ? data : limited(data);
  }

  private Dataset split(Dataset data) {
    int images = data.training().count();
    long heldOut = Math.round(validationSplit * images);
    if (heldOut < 1 || heldOut >= images) {
      throw new ConfigurationException(
          "--validation-split is " + validationSplit + ", which holds out " + heldOut + " of " + images
              + " training images: at least 1 must be held out and at least 1 be left");
    }
    int[] drawn = new int[images];
    new SplitMix64(SPLIT_SEED).permute(drawn);
    var part = Arrays.stream(drawn).limit(heldOut).sorted().toArray();
    var rest = Arrays.stream(drawn).skip(heldOut).sorted().toArray();
    return parts(data, data.training().select(rest), Optional.of(data.training().select(part)));
  }

  private Dataset limited(Dataset data) {
    var training = data.training();
    if (limit < 1 || limit > training.count()) {
      throw new ConfigurationException(
          "--limit is " + limit + ", it must be at least 1 and at most the " + training.count() + " training images");
    }
    return parts(data, training.slice(0, limit), data.heldOut());
  }

  private static Dataset parts(Dataset whole, ImageSource training, Optional<ImageSource> heldOut) {
    return heldOut
        .map(images -> Dataset.of(training, images))
        .orElseGet(() -> Dataset.of(training))
        .withName(whole.name())
        .withClassNames(whole.classNames());
  }
}
