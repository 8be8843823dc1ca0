package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * A data set: images to train on and images held out, of the same shape, with labels that index {@code classNames}.
 *
 * @param name what the user calls it, such as {@code fashion-mnist-sample} or {@code cifar10:DIR}
 */
public record Dataset(String name, ImageSet training, ImageSet heldOut, List<String> classNames) {
  /**
   * Checks that both parts fit each other and the class names.
   *
   * @throws DataException if they do not
   */
  public Dataset {
    classNames = List.copyOf(classNames);
    if (training.height() != heldOut.height()
        || training.width() != heldOut.width()
        || training.channels() != heldOut.channels()) {
      throw new DataException(
          "Data set %s has training images of %s and held-out images of %s, expected one shape."
              .formatted(name, shape(training), shape(heldOut)));
    }
    checkLabels(name, "training", training, classNames.size());
    checkLabels(name, "held-out", heldOut, classNames.size());
  }

  /**
   * Reads {@code fashion-mnist-sample} (the bundled sample), {@code idx:DIR} (MNIST family), {@code cifar10:DIR} or
   * {@code cifar100:DIR} (the official binary files) into memory.
   *
   * @throws ConfigurationException if {@code source} is none of these
   * @throws DataException if the files are missing or not what their format demands
   */
  public static Dataset open(String source) {
    if (source.equals(FashionMnistSample.NAME)) {
      return FashionMnistSample.read();
    }
    String[] parts = source.split(":", 2);
    String kind = parts.length == 2 && !parts[1].isEmpty() ? parts[0] : "";
    return switch (kind) {
      case "idx" -> IdxFolder.read(source, folder(source, parts[1]));
      case "cifar10" -> CifarFolder.CIFAR10.read(source, folder(source, parts[1]));
      case "cifar100" -> CifarFolder.CIFAR100.read(source, folder(source, parts[1]));
      default ->
          throw new ConfigurationException(
              "Unknown data set '%s', expected %s, idx:DIR, cifar10:DIR or cifar100:DIR."
                  .formatted(source, FashionMnistSample.NAME));
    };
  }

  /** The number of classes. */
  public int classes() {
    return classNames.size();
  }

  private static Path folder(String source, String folder) {
    try {
      return Path.of(folder);
    } catch (InvalidPathException e) {
      throw new ConfigurationException(
          "Data set '%s' does not name a folder (%s), expected a path after the colon."
              .formatted(source, e.getReason()),
          e);
    }
  }

  private static void checkLabels(String name, String part, ImageSet images, int classes) {
    for (int i = 0; i < images.count(); i++) {
      if (images.label(i) >= classes) {
        throw new DataException(
            "Data set %s: label %d of %s image %d is out of range, expected 0 to %d."
                .formatted(name, images.label(i), part, i, classes - 1));
      }
    }
  }

  private static String shape(ImageSet images) {
    return "%dx%dx%d".formatted(images.height(), images.width(), images.channels());
  }
}
