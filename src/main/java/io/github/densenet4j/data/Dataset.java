package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Images to train on, perhaps images held out to measure a network with, and the names of their classes. Both parts
 * have images of one shape and sort, and every label has a name; whoever has a data set need not check it again.
 * Immutable.
 *
 * @since 0.1
 */
public final class Dataset {
  private static final String UNNAMED = "in-memory";
  private static final int LEAST_CLASSES = 2;
  private static final int MOST_CLASSES = 1 << 16; // as many as a network can have

  private final String name;
  private final ImageSource training; // null if it was not read
  private final ImageSource heldOut; // null if there is none
  private final List<String> classNames;

  private Dataset(String name, ImageSource training, ImageSource heldOut, List<String> classNames) {
    this.name = Objects.requireNonNull(name, "name");
    this.training = training;
    this.heldOut = heldOut;
    this.classNames = List.copyOf(classNames);
  }

  /**
   * Images to train on, none held out. The classes are {@code class 0}, {@code class 1} and so on up to the largest
   * label, at least two.
   *
   * @param training at least one image
   * @return the data set, named {@code in-memory}
   * @throws DataException if there is no image, a size is not positive, or a label is negative or above 65,535
   */
  public static Dataset of(ImageSource training) {
    return checked(Objects.requireNonNull(training, "training"), null);
  }

  /**
   * Images to train on and images held out; otherwise as {@link #of(ImageSource)}.
   *
   * @param training at least one image
   * @param heldOut at least one image, of the same size and sort
   * @return the data set, named {@code in-memory}
   * @throws DataException if a part is as it must not be, or the two have images of different sizes or sorts
   */
  public static Dataset of(ImageSource training, ImageSource heldOut) {
    return checked(Objects.requireNonNull(training, "training"), Objects.requireNonNull(heldOut, "heldOut"));
  }

  private static Dataset checked(ImageSource training, ImageSource heldOut) {
    int classes = Math.max(LEAST_CLASSES, 1 + largestLabel("training", training));
    if (heldOut != null) {
      classes = Math.max(classes, 1 + largestLabel("held-out", heldOut));
      if (!shape(training).equals(shape(heldOut)) || training.pixels() != heldOut.pixels()) {
        throw new DataException(
            "the training images are %s %s and the held-out images are %s %s, expected one shape and sort"
                .formatted(shape(training), training.pixels(), shape(heldOut), heldOut.pixels()));
      }
    }
    return new Dataset(UNNAMED, training, heldOut, IntStream.range(0, classes).mapToObj(i -> "class " + i).toList());
  }

  private static int largestLabel(String part, ImageSource images) {
    ArrayImages.length(1, images.height(), images.width(), images.channels());
    if (images.count() < 1) {
      throw new DataException("there are %d %s images, expected at least 1".formatted(images.count(), part));
    }
    int largest = 0;
    for (int i = 0; i < images.count(); i++) {
      int label = images.label(i);
      if (label < 0 || label >= MOST_CLASSES) {
        throw new DataException("the label of %s image %d is %d, it must be at least 0 and below %d"
                .formatted(part, i, label, MOST_CLASSES));
      }
      largest = Math.max(largest, label);
    }
    return largest;
  }

  private static String shape(ImageSource images) {
    return "%dx%dx%d".formatted(images.height(), images.width(), images.channels());
  }

  /**
   * Reads {@code fashion-mnist-sample} (the bundled sample), {@code idx:DIR} (MNIST family), {@code cifar10:DIR} or
   * {@code cifar100:DIR} (the official binary files) into memory; or opens {@code pack:FILE}, a packed data set, whose
   * pixels stay in the file.
   *
   * @param source one of these, with a folder in the place of {@code DIR} or a file in that of {@code FILE}
   * @return the data set, named {@code source}
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
      case "pack" -> PackedImages.open(source, folder(source, parts[1]));
      case "cifar10" -> CifarFolder.CIFAR10.read(source, folder(source, parts[1]));
      case "cifar100" -> CifarFolder.CIFAR100.read(source, folder(source, parts[1]));
      default ->
          throw new ConfigurationException(
              "Unknown data set '%s', expected %s, idx:DIR, cifar10:DIR, cifar100:DIR or pack:FILE."
                  .formatted(source, FashionMnistSample.NAME));
    };
  }

  /**
   * Reads what {@link #open} reads, but of CIFAR's files only the one that is held out, so that the others may be
   * missing.
   *
   * @param source as {@link #open} takes it
   * @return the data set; {@link #training} throws if its images were not read
   * @throws ConfigurationException if {@code source} is none of these
   * @throws DataException if the files are missing or not what their format demands
   */
  public static Dataset openHeldOut(String source) {
    String[] parts = source.split(":", 2);
    String kind = parts.length == 2 && !parts[1].isEmpty() ? parts[0] : "";
    return switch (kind) {
      case "cifar10" -> CifarFolder.CIFAR10.readHeldOut(source, folder(source, parts[1]));
      case "cifar100" -> CifarFolder.CIFAR100.readHeldOut(source, folder(source, parts[1]));
      default -> open(source);
    };
  }

  /** Without images to train on. */
  static Dataset heldOut(String name, ImageSource images, List<String> classNames) {
    largestLabel("held-out", images);
    return new Dataset(name, null, images, List.of()).withClassNames(classNames);
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

  /**
   * The same data under another name.
   *
   * @param name for people, such as {@code cifar10:DIR}; checkpoints and reports show it
   * @return a data set of the same images
   */
  public Dataset withName(String name) {
    return new Dataset(name, training, heldOut, classNames);
  }

  /**
   * The same data with names for its classes.
   *
   * @param classNames by label; copied
   * @return a data set of the same images
   * @throws DataException if a label has no name
   */
  public Dataset withClassNames(List<String> classNames) {
    if (training != null) {
      checkLabels("training", training, classNames.size());
    }
    heldOut().ifPresent(images -> checkLabels("held-out", images, classNames.size()));
    return new Dataset(name, training, heldOut, classNames);
  }

  private void checkLabels(String part, ImageSource images, int classes) {
    for (int i = 0; i < images.count(); i++) {
      if (images.label(i) >= classes) {
        throw new DataException(
            "Data set %s: label %d of %s image %d is out of range, expected 0 to %d."
                .formatted(name, images.label(i), part, i, classes - 1));
      }
    }
  }

  /** {@return what people call it, such as {@code fashion-mnist-sample} or {@code cifar10:DIR}} */
  public String name() {
    return name;
  }

  /**
   * {@return the images to train on}
   *
   * @throws DataException if they were not read; see {@link #openHeldOut}
   */
  public ImageSource training() {
    if (training == null) {
      throw new DataException("of " + name + " only the held-out images were read, none to train on");
    }
    return training;
  }

  /** {@return the images held out, if there are any} */
  public Optional<ImageSource> heldOut() {
    return Optional.ofNullable(heldOut);
  }

  /** {@return the names of the classes, by label} */
  public List<String> classNames() {
    return classNames;
  }

  /** {@return the number of classes, at least 1} */
  public int classes() {
    return classNames.size();
  }

  @Override
  public String toString() {
    return "%s: %d training and %d held-out images of %s, %d classes"
        .formatted(
            name, training == null ? 0 : training.count(), heldOut().map(ImageSource::count).orElse(0),
            shape(training == null ? heldOut : training), classes());
  }
}
