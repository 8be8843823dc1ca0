package io.github.densenet4j.data;

import io.github.densenet4j.data.Preprocessing.Interpolation;
import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.PackFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Opens packed data sets: their images as they are, or prepared as image files are. */
record PackedData(Path file, PackFile pack) {
  /** @throws DataException if the file cannot be read, is truncated, or no packed data set */
  static PackedData of(Path file) {
    return new PackedData(file, PackFile.open(file));
  }

  /** The images as they are; those that were made of files are prepared already. */
  Dataset stored() {
    var data = dataset(images -> images);
    return fromFiles() ? data.prepared(packing(), decoder(), List.of()) : data;
  }

  /**
   * The images as this preparation would make them of the files that they were made of, without reading these.
   *
   * @throws DataException if they are no pictures, or the preparation needs more of the files than was packed
   */
  Dataset prepared(Preprocessing ofFiles) {
    int channels = pack.training().channels();
    boolean floats = new PackedImages(file, pack.training()).pixels() == ImageSource.Pixels.FLOAT32;
    if (channels != 1 && channels != 3 || floats && !fromFiles()) {
      throw new DataException(
          "%s has images of %d channels in any unit, which cannot be cut and resized as image files are"
              .formatted(file, channels));
    }
    if (!fromFiles()) {
      return dataset(images -> new PreparedImages(new PackedPictures(images), ofFiles)).prepared(ofFiles, "", List.of());
    }
    var ofPacked = ofPacked(ofFiles);
    return dataset(images -> new PreparedImages(new PackedPictures(images), ofPacked))
        .prepared(ofFiles.withUpright(packing().upright()), decoder(), List.of());
  }

  /** What is left to do. */
  private Preprocessing ofPacked(Preprocessing ofFiles) {
    var packing = packing();
    if ((long) ofFiles.size() * packing.resize() > (long) packing.size() * ofFiles.resize()) {
      throw new DataException(
          "%s has %d of %d pixels of each side, and %d of %d are asked for: pack the whole, or ask for less"
              .formatted(file, packing.size(), packing.resize(), ofFiles.size(), ofFiles.resize()));
    }
    long resize = Math.round((double) ofFiles.resize() * packing.size() / packing.resize());
    return ofFiles.withResize(Math.toIntExact(Math.max(1, resize)));
  }

  private Dataset dataset(Function<PackedImages, ImageSource> source) {
    var training = source.apply(new PackedImages(file, pack.training()));
    return pack.heldOut()
        .map(heldOut -> Dataset.of(training, source.apply(new PackedImages(file, heldOut))))
        .orElseGet(() -> Dataset.of(training))
        .withName("pack:" + file)
        .withClassNames(pack.classNames());
  }

  private boolean fromFiles() {
    return pack.texts().containsKey(PackFile.DECODER);
  }

  private String decoder() {
    return pack.texts().getOrDefault(PackFile.DECODER, "");
  }

  /** How image files became the images of this file. */
  private Preprocessing packing() {
    var interpolation = interpolation(pack.texts().getOrDefault(PackFile.INTERPOLATION, ""));
    String resize = pack.texts().getOrDefault(PackFile.RESIZE, "");
    var part = pack.training();
    if (interpolation.isEmpty() || !resize.matches("[1-9]\\d{0,4}") || part.height() != part.width()) {
      throw new DataException(
          "%s is a damaged packed data set: it does not say how its images were resized, so pack the data again"
              .formatted(file));
    }
    boolean upright = Boolean.parseBoolean(pack.texts().get(PackFile.UPRIGHT));
    return new Preprocessing(
        part.height(), Integer.parseInt(resize), interpolation.get(), part.channels(), upright, Variation.NONE);
  }

  private static Optional<Interpolation> interpolation(String name) {
    return Arrays.stream(Interpolation.values())
        .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }
}
