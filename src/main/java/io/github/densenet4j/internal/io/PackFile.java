package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A packed data set: a safetensors file with the pixels of all images, as they are read, and their labels. Pixels stay
 * in the file, mapped into memory.
 *
 * @param classNames by label
 * @param texts what the file says of its images
 */
public record PackFile(List<String> classNames, Map<String, String> texts, Part training, Optional<Part> heldOut) {
  /** The text that names what was packed, for people. */
  public static final String SOURCE = "source";

  /** Of images that were made of files: what decoded them, and how they were resized; see {@code Preprocessing}. */
  public static final String DECODER = "decoder";

  public static final String RESIZE = "resize";
  public static final String INTERPOLATION = "interpolation";
  public static final String UPRIGHT = "upright";

  static final String FORMAT_KEY = "format";
  static final String FORMAT = "densenet4j pack";
  static final String VERSION_KEY = "version";
  static final String VERSION = "1";
  static final String CLASSES_KEY = "class_names";
  static final String TRAINING = "training";
  static final String HELD_OUT = "held_out";

  private static final int DIMENSIONS = 4;

  /**
   * Images to train on, or images held out.
   *
   * @param type U8 or F32
   * @param pixels (N, height, width, channels), in mapped memory
   * @param labels (N)
   * @param digest of pixels and labels
   */
  public record Part(
      int height, int width, int channels, SafetensorsType type, MemorySegment pixels, int[] labels, String digest) {}

  /** The names of the tensors of a part. */
  static String images(String part) {
    return part + ".images";
  }

  static String labels(String part) {
    return part + ".labels";
  }

  static String digest(String part) {
    return part + ".digest";
  }

  /**
   * Opens a file; no pixel is read.
   *
   * @throws DataException if it cannot be read, is truncated, or no packed data set
   */
  public static PackFile open(Path file) {
    try (var tensors = SafetensorsFile.open(file)) {
      return new Opening(file, tensors).pack();
    } catch (CheckpointException failure) {
      throw new DataException(failure.getMessage(), failure);
    }
  }

  /** What is known on the way. */
  private record Opening(Path file, SafetensorsFile tensors) {
    PackFile pack() {
      var texts = tensors.metadata();
      if (!FORMAT.equals(texts.get(FORMAT_KEY))) {
        throw new DataException(
            "%s is a safetensors file but no packed data set, expected one that pack wrote".formatted(file));
      }
      if (!VERSION.equals(texts.get(VERSION_KEY))) {
        throw new DataException(
            "%s is a packed data set of version %s, expected %s: pack the data again"
                .formatted(file, Wording.quoted(String.valueOf(texts.get(VERSION_KEY))), VERSION));
      }
      var names = classNames(texts.getOrDefault(CLASSES_KEY, ""));
      boolean heldOut = tensors.names().contains(images(HELD_OUT));
      return new PackFile(
          names, texts, part(TRAINING, names.size()),
          heldOut ? Optional.of(part(HELD_OUT, names.size())) : Optional.empty());
    }

    private List<String> classNames(String json) {
      var found = Json.parse(json, file + ": the class names").get(CLASSES_KEY);
      if (found instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(String.class::isInstance)) {
        return list.stream().map(String.class::cast).toList();
      }
      throw damaged("it does not name its classes");
    }

    private Part part(String name, int classes) {
      var info = tensors.info(images(name));
      var shape = info.shape();
      if (info.type() != SafetensorsType.U8 && info.type() != SafetensorsType.F32
          || shape.size() != DIMENSIONS
          || shape.stream().anyMatch(extent -> extent < 1 || extent > Integer.MAX_VALUE)) {
        throw damaged("its images are %s of shape %s".formatted(info.type(), shape));
      }
      int[] labels = labels(name, shape.getFirst(), classes);
      var digest = tensors.bytes(digest(name));
      return new Part(
          shape.get(1).intValue(), shape.get(2).intValue(), shape.get(3).intValue(), info.type(),
          tensors.map(images(name)), labels, HexFormat.of().formatHex(digest));
    }

    private int[] labels(String part, long images, int classes) {
      var info = tensors.info(PackFile.labels(part));
      if (info.type() != SafetensorsType.I32 || !info.shape().equals(List.of(images))) {
        throw damaged("its labels are %s of shape %s for %d images".formatted(info.type(), info.shape(), images));
      }
      long[] found = tensors.longs(PackFile.labels(part));
      var labels = new int[found.length];
      for (int i = 0; i < labels.length; i++) {
        if (found[i] < 0 || found[i] >= classes) {
          throw damaged("the label of image %d is %d, with %d classes".formatted(i, found[i], classes));
        }
        labels[i] = (int) found[i];
      }
      return labels;
    }

    private DataException damaged(String what) {
      return new DataException("%s is a damaged packed data set: %s, so pack the data again".formatted(file, what));
    }
  }
}
