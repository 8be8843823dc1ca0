package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PNG and JPEG files of any size, grey or colour, as a data set: a folder with a folder for each class, or a CSV table.
 * Each image is decoded whenever it is read and not kept; in memory stay its name and label, some 60 bytes.
 *
 * <p>Changes with every call of a setter and is for one thread; what it opens is for all.
 *
 * @since 0.1
 */
public final class ImageFiles {
  private static final int DEFAULT_SIZE = 224;
  private static final int LEAST_CLASSES = 2;

  private final String kind;
  private final Path path;
  private Columns columns = Columns.DEFAULT;
  private Preprocessing preprocessing = Preprocessing.of(DEFAULT_SIZE);
  private boolean skipUnreadable;
  private double validationSplit;
  private long seed;
  private List<String> classNames = List.of();

  private ImageFiles(String kind, Path path) {
    this.kind = kind;
    this.path = Objects.requireNonNull(path, "path");
  }

  /**
   * Images in folders named as their classes, or such a tree in {@code train} and another in the first of {@code val},
   * {@code valid}, {@code validation} and {@code test}. Classes are in the order of their names; images may lie deeper.
   *
   * @param folder with these
   * @return what it is to be read as, to be changed
   */
  public static ImageFiles folder(Path folder) {
    return new ImageFiles("folder", folder);
  }

  /**
   * Images that a CSV file lists, one a line after the line of column names, in UTF-8, quoted where need be.
   *
   * @param file the table
   * @return what it is to be read as, to be changed
   */
  public static ImageFiles table(Path file) {
    return new ImageFiles("csv", file);
  }

  /**
   * Images of a packed data set, to be cut, resized and varied. Their preparation is that of the files that were packed,
   * of which nothing is done twice; whether they are upright was settled then.
   *
   * @param file that {@code densenet4j pack} wrote
   * @return what it is to be read as, to be changed
   */
  public static ImageFiles packed(Path file) {
    return new ImageFiles("pack", file);
  }

  /** How a cell of -1 is taken, as in CheXpert's tables: it may be so or not. */
  public enum Uncertain {
    /** The row says nothing about that class, so it has not exactly one. */
    IGNORE,
    /** As 0: not so. */
    ZEROS,
    /** As 1: so. */
    ONES
  }

  /**
   * Which columns of a table are what, by their names. What is not said of labels: of two columns left the one is the
   * label, of more each is a class.
   *
   * @param path of the image; empty: the first column
   * @param label of the image's class, several with {@code |} between them; empty: there is no such column
   * @param labels each of one class, with 1, 0, -1 or blank; empty: there are no such columns
   * @param uncertain how -1 is taken
   * @param split with {@code train}, {@code val} or {@code test}, of which test is held out if there is no val; empty:
   *     there is no such column
   * @param group such as the patient, none of which is both trained on and held out; empty: there is no such column
   * @param singleOnly whether rows that have not exactly one class are left out; otherwise they are refused
   * @param folder that paths are relative to; empty: the table's own. Bare names are looked for deeper too
   */
  public record Columns(
      String path,
      String label,
      List<String> labels,
      Uncertain uncertain,
      String split,
      String group,
      boolean singleOnly,
      Optional<Path> folder) {
    /** Nothing is said. */
    public static final Columns DEFAULT =
        new Columns("", "", List.of(), Uncertain.IGNORE, "", "", false, Optional.empty());

    /**
     * Checks that labels are said once.
     *
     * @throws ConfigurationException if there is a label column and label columns
     */
    public Columns {
      labels = List.copyOf(labels);
      if (!label.isEmpty() && !labels.isEmpty()) {
        throw new ConfigurationException(
            "there is a label column and there are label columns: choose one", "label columns", "label column");
      }
    }
  }

  /**
   * Sets which columns of a table are what; {@link Columns#DEFAULT} if nothing is said. Of a folder it says nothing.
   *
   * @param columns by name
   * @return these
   */
  public ImageFiles columns(Columns columns) {
    this.columns = Objects.requireNonNull(columns, "columns");
    return this;
  }

  /**
   * Sets how images become those of a network; {@code Preprocessing.of(224)} if nothing is said.
   *
   * @param preprocessing of every image
   * @return these
   */
  public ImageFiles preprocessing(Preprocessing preprocessing) {
    this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
    return this;
  }

  /**
   * Leaves out files that cannot be read, which are refused otherwise. Each file is decoded once for that, when the data
   * set is opened.
   *
   * @param skip whether to
   * @return these
   */
  public ImageFiles skipUnreadable(boolean skip) {
    skipUnreadable = skip;
    return this;
  }

  /**
   * Holds out a fraction of the images to train on, of each class as much, drawn by a seed. Whole groups where a table
   * has them.
   *
   * @param fraction above 0 and below 1; 0: what the folder or the table says
   * @param seed of what is drawn
   * @return these
   */
  public ImageFiles validationSplit(double fraction, long seed) {
    validationSplit = fraction;
    this.seed = seed;
    return this;
  }

  /**
   * Sets the classes and their order, as a network has them; those that are found, in order, if nothing is said.
   *
   * @param classNames by label; others are refused
   * @return these
   */
  public ImageFiles classNames(List<String> classNames) {
    this.classNames = List.copyOf(classNames);
    return this;
  }

  /**
   * Lists the images, looks at the header of each, and splits them.
   *
   * @return a data set named {@code folder:PATH}, {@code csv:PATH} or {@code pack:PATH}, that reads when it is asked
   * @throws DataException if there are no images, some cannot be read, nothing is held out, or there are fewer than two
   *     classes
   * @throws ConfigurationException if the fraction to hold out is out of range
   */
  public Dataset open() {
    if (kind.equals("pack")) {
      var packed = PackedData.of(path).prepared(preprocessing);
      return validationSplit == 0 ? packed : packed.split(validationSplit, seed);
    }
    var parts = parts();
    var training = FileCheck.of(parts.training(), skipUnreadable);
    requireClasses(training.readable(), parts.classNames());
    if (validationSplit != 0) {
      var all = training.readable();
      var split = Split.of(all.count(), i -> all.labels()[i], all.groups(), validationSplit, seed);
      return dataset(
          parts, all.select(split.training()), all.select(split.heldOut()), training.isDeep(), training.warnings());
    }
    var heldOut =
        FileCheck.of(parts.heldOut().orElseThrow(this::nothingHeldOut), skipUnreadable);
    var warnings = Stream.concat(training.warnings().stream(), heldOut.warnings().stream()).toList();
    return dataset(
        parts, training.readable(), heldOut.readable(), training.isDeep() || heldOut.isDeep(), warnings);
  }

  private DataException nothingHeldOut() {
    return new DataException(
        path + " has images to train on and none held out: set a validation split, or "
            + (kind.equals("csv") ? "name a split column" : "put the images into train and val in it"),
        "validation split", "split column");
  }

  /**
   * The images to measure a network with: those that the folder or the table holds out, or else all.
   *
   * @return images that are read when they are asked for
   * @throws DataException if there are none, or some cannot be read
   */
  public ImageSource evaluation() {
    if (kind.equals("pack")) {
      var packed = PackedData.of(path).prepared(preprocessing);
      return packed.heldOut().orElseGet(packed::training);
    }
    var parts = parts();
    var files = FileCheck.of(parts.heldOut().orElse(parts.training()), skipUnreadable);
    return source(files.readable(), files.isDeep());
  }

  private LabelledParts parts() {
    return kind.equals("csv") ? LabelTable.read(path, columns, classNames) : FolderTree.read(path, classNames);
  }

  private void requireClasses(LabelledFiles training, List<String> names) {
    int[] counts = training.counts(names.size());
    int[] seen = IntStream.range(0, counts.length).filter(label -> counts[label] > 0).toArray();
    if (seen.length < LEAST_CLASSES) {
      throw new DataException(
          "%s has images of one class only (%s), expected at least two.".formatted(path, names.get(seen[0])));
    }
  }

  private Dataset dataset(
      LabelledParts parts, LabelledFiles training, LabelledFiles heldOut, boolean deep, List<String> warnings) {
    return Dataset.of(source(training, deep), source(heldOut, deep))
        .withName(kind + ":" + path)
        .withClassNames(parts.classNames())
        .prepared(preprocessing, Images.decoder(), warnings);
  }

  private ImageSource source(LabelledFiles files, boolean deep) {
    var pictures = new FilePictures(files.files(), files.labels(), deep, preprocessing.upright());
    return new PreparedImages(pictures, preprocessing);
  }
}
