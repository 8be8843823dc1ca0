package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bundled data set: the 10,000 images of Fashion-MNIST's test file, always split the same way. */
final class FashionMnistSample {
  static final String NAME = "fashion-mnist-sample";

  /** Names the folder that holds the bundled data; without it, {@code data} in the working directory does. */
  static final String FOLDER_PROPERTY = "densenet4j.data";

  private static final int IMAGES = 10_000;
  private static final int HELD_OUT = 1_500;
  private static final long SPLIT_SEED = 20_170_825; // any number will do, but it may never change

  private FashionMnistSample() {}

  /** 8,500 training and 1,500 held-out images of 32x32x1; classes are balanced as the permutation lets them fall. */
  static Dataset read() {
    Path path = Path.of(System.getProperty(FOLDER_PROPERTY, "data"), NAME).toAbsolutePath();
    if (!Files.isDirectory(path)) {
      throw new DataException(
          "The bundled data set was looked for in %s and not found; set the system property %s to the data folder of"
                  .formatted(path, FOLDER_PROPERTY)
              + " the repository.");
    }
    ImageSource all = IdxFolder.readFashionTest(DataFolder.open(path, "the two t10k files"));
    if (all.count() != IMAGES) {
      throw new DataException("%s holds %d images, expected %d.".formatted(path, all.count(), IMAGES));
    }
    int[] order = new int[IMAGES];
    new SplitMix64(SPLIT_SEED).permute(order);
    var shuffled = all.select(order);
    return Dataset.of(shuffled.slice(0, IMAGES - HELD_OUT), shuffled.slice(IMAGES - HELD_OUT, HELD_OUT))
        .withName(NAME)
        .withClassNames(IdxFolder.FASHION_NAMES);
  }
}
