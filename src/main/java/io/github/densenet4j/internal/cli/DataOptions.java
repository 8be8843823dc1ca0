package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.util.Arrays;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What to train on, and how well it is held apart. */
final class DataOptions {
  /** What {@code --data} takes, for every command that has it. */
  static final String SOURCES =
      "fashion-mnist-sample (bundled), idx:DIR (MNIST family), cifar10:DIR or cifar100:DIR (official binary files), "
          + "folder:DIR (a folder a class, below train and val or not), csv:FILE (paths and labels) or pack:FILE (by pack)";

  /** Of packed images: what the 224 of ImageNet's networks are cut out of. */
  private static final int PACKED = 256;

  @Option(names = "--data", required = true, paramLabel = "SOURCE", description = SOURCES)
  private String source;

  @Option(
      names = "--validation-split",
      defaultValue = "0",
      paramLabel = "F",
      description = "hold out this fraction of the training images, of each class as much, drawn by --seed (default: 0, "
          + "the data's own held-out images)")
  private double validationSplit;

  @Mixin private PictureOptions pictures;
  @Mixin private TableOptions table;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "train on the first N training images only; of image files on N that are drawn")
  private Integer limit;

  /** The name of the data set or of its format, without a folder. */
  String kind() {
    return source.split(":", 2)[0];
  }

  /** Reads the data, not varied, with what is drawn by the usual seed; {@code size} as below. */
  Dataset open(int size) {
    return open(RecipeOptions.SEED, Variation.NONE, size);
  }

  /**
   * Reads the data. The fraction is held out first, so that {@code --limit} does not change what is held out.
   *
   * @param seed of what is held out
   * @param variation of image files that are trained on
   * @param size of image files where nothing is said
   */
  Dataset open(long seed, Variation variation, int size) {
    var preprocessing = pictures.preprocessing(Preprocessing.of(size).withVariation(variation));
    return open(seed, preprocessing, pictures.isGiven() || !variation.equals(Variation.NONE));
  }

  /** Reads the data as they are to be packed: of image files as much as can be seen, if nothing else is said. */
  Dataset openToPack() {
    return open(RecipeOptions.SEED, pictures.whole(Preprocessing.of(PACKED)), pictures.isGiven());
  }

  /** @param prepared whether something was said that is for image files only */
  private Dataset open(long seed, Preprocessing preprocessing, boolean prepared) {
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new ConfigurationException(
          "--validation-split is " + validationSplit + ", it must be at least 0 and below 1");
    }
    var files = table.files(source, prepared);
    if (files.isEmpty() && prepared) {
      throw new ConfigurationException(
          "options of image files are for folder:DIR, csv:FILE and pack:FILE, and --data is " + source
              + ": leave them out");
    }
    var data =
        files.map(
            found ->
                found
                    .preprocessing(preprocessing)
                    .validationSplit(validationSplit, seed)
                    .open())
            .orElseGet(() -> stored(seed));
    return limit == null ? data : limited(data, seed);
  }

  private Dataset stored(long seed) {
    var data = Dataset.open(source);
    return validationSplit > 0 ? data.split(validationSplit, seed) : data;
  }

  /** The first ones; of files, which are in the order of their classes, some that are drawn. */
  private Dataset limited(Dataset data, long seed) {
    var training = data.training();
    if (limit < 1 || limit > training.count()) {
      throw new ConfigurationException(
          "--limit is " + limit + ", it must be at least 1 and at most the " + training.count() + " training images");
    }
    if (data.preprocessing().isEmpty()) {
      return data.withTraining(training.slice(0, limit));
    }
    int[] drawn = new int[training.count()];
    new SplitMix64(seed).permute(drawn);
    return data.withTraining(training.select(Arrays.stream(drawn).limit(limit).sorted().toArray()));
  }
}
