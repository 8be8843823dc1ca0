package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
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
  private static final int MOST_NAMED = 3;
  private static final int MOST_CLASSES = 1 << 16; // as many as a network can have

  private final String name;
  private final ImageSource training; // null if it was not read
  private final ImageSource heldOut; // null if there is none
  private final List<String> classNames;
  private final Origin origin;

  /**
   * How images came to be what they are.
   *
   * @param preprocessing null if they are taken as they are stored
   * @param decoder name and version; empty if there is nothing to decode
   * @param mean empty if it is to be measured; so is {@code deviation}
   * @param warnings of what was met
   */
  private record Origin(
      Preprocessing preprocessing, String decoder, List<Double> mean, List<Double> deviation, List<String> warnings) {
    static final Origin STORED = new Origin(null, "", List.of(), List.of(), List.of());
  }

  private Dataset(
      String name, ImageSource training, ImageSource heldOut, List<String> classNames, Origin origin) {
    this.name = Objects.requireNonNull(name, "name");
    this.training = training;
    this.heldOut = heldOut;
    this.classNames = List.copyOf(classNames);
    this.origin = origin;
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
    var names = IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
    return new Dataset(UNNAMED, training, heldOut, names, Origin.STORED);
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
   * pixels stay in the file, or {@code folder:DIR} or {@code csv:FILE}, as {@link ImageFiles} does if nothing more is
   * said.
   *
   * @param source one of these, with a path in the place of {@code DIR} or {@code FILE}
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
      case "idx" -> IdxFolder.read(source, path(source, parts[1]));
      case "cifar10" -> CifarFolder.CIFAR10.read(source, path(source, parts[1]));
      case "cifar100" -> CifarFolder.CIFAR100.read(source, path(source, parts[1]));
      case "pack" -> PackedData.of(path(source, parts[1])).stored();
      case "folder" -> ImageFiles.folder(path(source, parts[1])).open();
      case "csv" -> ImageFiles.table(path(source, parts[1])).open();
      default ->
          throw new ConfigurationException(
              "Unknown data set '%s', expected %s, idx:DIR, cifar10:DIR, cifar100:DIR, folder:DIR, csv:FILE or pack:FILE."
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
      case "cifar10" -> CifarFolder.CIFAR10.readHeldOut(source, path(source, parts[1]));
      case "cifar100" -> CifarFolder.CIFAR100.readHeldOut(source, path(source, parts[1]));
      default -> open(source);
    };
  }

  /** Without images to train on. */
  static Dataset heldOut(String name, ImageSource images, List<String> classNames) {
    largestLabel("held-out", images);
    return new Dataset(name, null, images, List.of(), Origin.STORED).withClassNames(classNames);
  }

  private static Path path(String source, String path) {
    try {
      return Path.of(path);
    } catch (InvalidPathException e) {
      throw new ConfigurationException(
          "Data set '%s' does not name a file or folder (%s), expected a path after the colon."
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
    return new Dataset(name, training, heldOut, classNames, origin);
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
    return new Dataset(name, training, heldOut, classNames, origin);
  }

  /**
   * The same data with other images to train on, such as some of those it has.
   *
   * @param training of the shape and sort of this set's, and of its classes
   * @return a data set with the same images held out
   * @throws DataException if shape or sort differ, or a label has no name
   */
  public Dataset withTraining(ImageSource training) {
    return with(checked(Objects.requireNonNull(training, "training"), heldOut));
  }

  /**
   * Holds out a part of the images to train on, instead of what is held out: of each class the same fraction, up to
   * rounding.
   *
   * @param fraction above 0 and below 1
   * @param seed of what is drawn
   * @return a data set of two parts, each in the order of this set's training images
   * @throws ConfigurationException if the fraction is out of range, or leaves a part empty
   */
  public Dataset split(double fraction, long seed) {
    var images = training();
    var split = Split.of(images.count(), images::label, new int[0], fraction, seed);
    return with(checked(images.select(split.training()), images.select(split.heldOut())));
  }

  private Dataset with(Dataset parts) {
    var named = parts.withName(name).withClassNames(classNames);
    return new Dataset(name, named.training, named.heldOut, classNames, origin);
  }

  /**
   * The same data, to be normalised by given numbers instead of those of the training images.
   *
   * @param mean of each channel, in the unit of the images, such as 0 to 255
   * @param deviation of each channel, positive
   * @return a data set of the same images
   * @throws DataException if there is not one of each for every channel, or one is out of range
   */
  public Dataset withNormalization(List<Double> mean, List<Double> deviation) {
    int channels = (training == null ? heldOut : training).channels();
    if (mean.size() != channels
        || deviation.size() != channels
        || !mean.stream().allMatch(Double::isFinite)
        || !deviation.stream().allMatch(value -> value > 0 && Double.isFinite(value))) {
      throw new DataException(
          "the normalisation has mean %s and deviation %s, expected a finite mean and a positive deviation for each of %d"
                  .formatted(mean, deviation, channels)
              + " channels",
          "normalisation");
    }
    var given =
        new Origin(origin.preprocessing, origin.decoder, List.copyOf(mean), List.copyOf(deviation), origin.warnings);
    return new Dataset(name, training, heldOut, classNames, given);
  }

  /** The same data that a decoder and a preparation made of files. */
  Dataset prepared(Preprocessing preprocessing, String decoder, List<String> warnings) {
    var made = new Origin(preprocessing, decoder, origin.mean, origin.deviation, List.copyOf(warnings));
    return new Dataset(name, training, heldOut, classNames, made);
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

  /** {@return how image files became these images, if they did; a network that is trained on them keeps it} */
  public Optional<Preprocessing> preprocessing() {
    return Optional.ofNullable(origin.preprocessing);
  }

  /**
   * {@return what decoded the images, by name and version, such as {@code imageio 25}; empty if they were not encoded}
   * Decoders agree on JPEG files up to rounding only.
   */
  public String decoder() {
    return origin.decoder;
  }

  /** {@return the mean of each channel that images are to be normalised with; empty: that of the training images} */
  public List<Double> mean() {
    return origin.mean;
  }

  /** {@return the standard deviation of each channel, to be normalised with; empty: that of the training images} */
  public List<Double> deviation() {
    return origin.deviation;
  }

  /**
   * {@return sentences about what may not be as it was meant, whose subject is the training: files that were left out,
   * classes of which no image is held out}
   */
  public List<String> warnings() {
    var warnings = new ArrayList<>(origin.warnings);
    if (heldOut != null) {
      var seen = new BitSet();
      IntStream.range(0, heldOut.count()).forEach(i -> seen.set(heldOut.label(i)));
      var absent = IntStream.range(0, classes()).filter(label -> !seen.get(label)).mapToObj(classNames::get).toList();
      if (!absent.isEmpty()) {
        String some = String.join(", ", absent.subList(0, Math.min(absent.size(), MOST_NAMED)));
        warnings.add(
            "has no held-out image of %d of %d classes (%s%s), so its accuracy says nothing about them"
                .formatted(absent.size(), classes(), some, absent.size() > MOST_NAMED ? ", ..." : ""));
      }
    }
    return warnings;
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
