package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One of CIFAR's two binary formats: records of one or two label bytes (the last one counts) and 3072 pixels, the red
 * plane first, then green and blue, each 32x32 (cs.toronto.edu/~kriz/cifar.html). Smaller files of whole records are
 * read too; larger ones than the official are not.
 *
 * @param subfolder what the official archive unpacks into
 * @param labelLimits the number of values of each label byte
 * @param trainingLimit the records of an official training file
 * @param namesFile class names, one a line; {@code names} stand in if there is no such file
 */
record CifarFolder(
    String subfolder,
    List<Integer> labelLimits,
    List<String> trainingFiles,
    int trainingLimit,
    String testFile,
    String namesFile,
    List<String> names) {
  static final CifarFolder CIFAR10 =
      new CifarFolder(
          "cifar-10-batches-bin",
          List.of(10),
          IntStream.rangeClosed(1, 5).mapToObj(part -> "data_batch_" + part + ".bin").toList(),
          10_000,
          "test_batch.bin",
          "batches.meta.txt",
          List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"));

  static final CifarFolder CIFAR100 =
      new CifarFolder(
          "cifar-100-binary",
          List.of(20, 100),
          List.of("train.bin"),
          50_000,
          "test.bin",
          "fine_label_names.txt",
          IntStream.range(0, 100).mapToObj(label -> "class " + label).toList());

  private static final int SIZE = 32;
  private static final int PLANE = SIZE * SIZE;
  private static final int CHANNELS = 3;
  private static final int TEST_LIMIT = 10_000;
  private static final int MAX_NAMES_BYTES = 1 << 16;

  /** Reads the training and test files of {@code path} or of the official folder in it. */
  Dataset read(String name, Path path) {
    var folder = folder(path, trainingFiles.getFirst());
    return Dataset.of(
            readImages(folder, trainingFiles, trainingLimit), readImages(folder, List.of(testFile), TEST_LIMIT))
        .withName(name)
        .withClassNames(classNames(folder));
  }

  /** Reads the test file alone. */
  Dataset readHeldOut(String name, Path path) {
    var folder = folder(path, testFile);
    return Dataset.heldOut(name, readImages(folder, List.of(testFile), TEST_LIMIT), classNames(folder));
  }

  /** {@code path}, or the official folder in it if that has the file. */
  private DataFolder folder(Path path, String file) {
    var outer = DataFolder.open(path, file);
    Path inner = path.resolve(subfolder);
    return !outer.has(file) && Files.isDirectory(inner) ? DataFolder.open(inner, file) : outer;
  }

  private ImageSource readImages(DataFolder folder, List<String> names, int limit) {
    List<Path> files = names.stream().map(name -> folder.file(List.of(name))).toList();
    List<byte[]> parts = files.stream().map(file -> readRecords(file, limit)).toList();
    int count = parts.stream().mapToInt(part -> part.length / recordBytes()).sum();
    byte[] pixels = new byte[ArrayImages.length(count, SIZE, SIZE, CHANNELS)];
    int[] labels = new int[count];
    int image = 0;
    for (int p = 0; p < parts.size(); p++) {
      byte[] records = parts.get(p);
      for (int start = 0; start < records.length; start += recordBytes(), image++) {
        labels[image] = label(files.get(p), records, start);
        interleave(records, start + labelLimits.size(), pixels, image * CHANNELS * PLANE);
      }
    }
    return ImageSource.of(pixels, labels, SIZE, SIZE, CHANNELS);
  }

  private int recordBytes() {
    return labelLimits.size() + CHANNELS * PLANE;
  }

  private byte[] readRecords(Path path, int limit) {
    try (var file = DataFile.open(path)) {
      long length = file.length();
      if (length == 0 || length % recordBytes() != 0 || length / recordBytes() > limit) {
        throw new DataException(
            "%s is truncated or oversized: found %d bytes, expected 1 to %d whole records of %d; get the file again."
                .formatted(path, length, limit, recordBytes()));
      }
      return file.readToEnd(length);
    }
  }

  private int label(Path file, byte[] records, int start) {
    int label = 0;
    for (int i = 0; i < labelLimits.size(); i++) {
      label = Byte.toUnsignedInt(records[start + i]);
      if (label >= labelLimits.get(i)) {
        throw new DataException(
            "%s: label %d of image %d is out of range, expected 0 to %d."
                .formatted(file, label, start / recordBytes(), labelLimits.get(i) - 1));
      }
    }
    return label;
  }

  private static void interleave(byte[] planes, int from, byte[] pixels, int to) {
    for (int p = 0; p < PLANE; p++) {
      for (int c = 0; c < CHANNELS; c++) {
        pixels[to + p * CHANNELS + c] = planes[from + c * PLANE + p];
      }
    }
  }

  private List<String> classNames(DataFolder folder) {
    if (!folder.has(namesFile)) {
      return names;
    }
    Path path = folder.path().resolve(namesFile);
    String text;
    try (var file = DataFile.open(path)) {
      text = text(file.read((int) Math.min(file.length(), MAX_NAMES_BYTES)));
    }
    List<String> found = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (found.size() != names.size()) {
      throw new DataException(
          "%s holds %d class names, expected %d; correct or remove it.".formatted(path, found.size(), names.size()));
    }
    return found;
  }

  /** UTF-8, with or without a byte order mark, else Latin-1. */
  private static String text(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException notUtf8) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }
}
