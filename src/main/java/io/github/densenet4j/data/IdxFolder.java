package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The IDX files of MNIST and its relatives: a big-endian 32-bit magic number, as many 32-bit sizes as it says, then one
 * unsigned byte per pixel or label (yann.lecun.com/exdb/mnist). Where a file is there both unpacked and as .gz, the
 * unpacked one is read.
 */
final class IdxFolder {
  static final List<String> FASHION_NAMES =
      List.of(
          "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

  private static final String FASHION_TEST_LABELS = "3d0e6c6ea990b53b6f8f500a41cac938";

  private static final int UNSIGNED_BYTES = 0x0800; // plus the number of dimensions: the magic number
  private static final int LEAST_CLASSES = 2;
  private static final int TEN = 10; // the classes of MNIST and Fashion-MNIST
  private static final int MNIST_SIZE = 28;
  private static final int MARGIN = 2; // makes 28x28 the 32x32 that CIFAR networks are built for

  private IdxFolder() {}

  private record IdxArray(int[] sizes, byte[] values) {}

  private record Labels(Path file, int[] values) {
    BitSet seen() {
      return Arrays.stream(values).collect(BitSet::new, BitSet::set, BitSet::or);
    }

    boolean areFashion() {
      byte[] bytes = new byte[values.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) values[i];
      }
      return ContentDigest.of(bytes).equals(FASHION_TEST_LABELS);
    }

    DataException outOfRange(int label, String expected) {
      int image = IntStream.range(0, values.length).filter(i -> values[i] == label).findFirst().orElseThrow();
      return new DataException(
          "%s: label %d of image %d is out of range, expected %s.".formatted(file, label, image, expected));
    }
  }

  /** Reads the training and test files of a folder; Fashion-MNIST is known by its test labels. */
  static Dataset read(String name, Path path) {
    var folder = DataFolder.open(path, "train-images-idx3-ubyte and its three companions");
    Labels training = readLabels(folder, "train");
    Labels heldOut = readLabels(folder, "t10k");
    List<String> classNames = heldOut.areFashion() ? fashionNames(training, heldOut) : digitNames(training, heldOut);
    return Dataset.of(readImages(folder, "train", training), readImages(folder, "t10k", heldOut))
        .withName(name)
        .withClassNames(classNames);
  }

  /** Reads only the test files of a Fashion-MNIST folder. */
  static ImageSource readFashionTest(DataFolder folder) {
    Labels labels = readLabels(folder, "t10k");
    fashionNames(labels);
    return readImages(folder, "t10k", labels);
  }

  private static List<String> fashionNames(Labels... parts) {
    for (Labels labels : parts) {
      int highest = labels.seen().length() - 1;
      if (highest >= TEN) {
        throw labels.outOfRange(highest, "0 to 9");
      }
    }
    return FASHION_NAMES;
  }

  /** More than ten classes are believed only if all of them (but perhaps 0) occur in both files: no stray label. */
  private static List<String> digitNames(Labels training, Labels heldOut) {
    int classes = Math.max(training.seen().length(), heldOut.seen().length());
    BitSet inBoth = training.seen();
    inBoth.and(heldOut.seen());
    if (classes > TEN && inBoth.nextClearBit(1) < classes) {
      throw (training.seen().length() == classes ? training : heldOut)
          .outOfRange(classes - 1, "0 to 9, or more with every label from 1 on in both label files");
    }
    return IntStream.range(0, Math.max(LEAST_CLASSES, classes)).mapToObj(Integer::toString).toList();
  }

  private static Labels readLabels(DataFolder folder, String prefix) {
    Path file = folder.file(fileNames(prefix + "-labels", "idx1-ubyte"));
    byte[] values = readArray(file, 1).values();
    return new Labels(file, IntStream.range(0, values.length).map(i -> Byte.toUnsignedInt(values[i])).toArray());
  }

  private static ImageSource readImages(DataFolder folder, String prefix, Labels labels) {
    Path file = folder.file(fileNames(prefix + "-images", "idx3-ubyte"));
    IdxArray images = readArray(file, 3);
    int count = images.sizes()[0];
    int height = images.sizes()[1];
    int width = images.sizes()[2];
    if (count != labels.values().length) {
      throw new DataException(
          "%s holds %d images, but %s holds %d labels, expected as many."
              .formatted(file, count, labels.file(), labels.values().length));
    }
    return height == MNIST_SIZE && width == MNIST_SIZE
        ? padded(images, labels.values())
        : ImageSource.of(images.values(), labels.values(), height, width, 1);
  }

  private static List<String> fileNames(String stem, String type) {
    return Stream.of("-", ".").flatMap(dot -> Stream.of("", ".gz").map(packed -> stem + dot + type + packed)).toList();
  }

  private static IdxArray readArray(Path path, int dimensions) {
    try (var file = DataFile.open(path)) {
      byte[] header = file.read(Integer.BYTES * (1 + dimensions));
      var fields = ByteBuffer.wrap(header).asIntBuffer();
      int magic = UNSIGNED_BYTES + dimensions;
      if (fields.get(0) != magic) {
        throw new DataException(
            "%s starts with the magic number 0x%08x, expected 0x%08x (IDX, unsigned bytes, %d dimensions)."
                .formatted(path, fields.get(0), magic, dimensions));
      }
      int[] sizes = new int[dimensions];
      fields.get(1, sizes);
      String asked = Arrays.stream(sizes).mapToObj(Integer::toUnsignedString).collect(Collectors.joining("x"));
      if (Arrays.stream(sizes).anyMatch(size -> size == 0)) {
        throw new DataException("%s is empty: its header says %s, expected at least 1.".formatted(path, asked));
      }
      BigInteger bytes =
          Arrays.stream(sizes)
              .mapToObj(size -> BigInteger.valueOf(Integer.toUnsignedLong(size)))
              .reduce(BigInteger.ONE, BigInteger::multiply); // up to 96 bits
      file.requireLength(bytes.add(BigInteger.valueOf(header.length)), "its header says " + asked);
      return new IdxArray(sizes, file.readToEnd(bytes.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue()));
    }
  }

  private static ImageSource padded(IdxArray images, int[] labels) {
    int size = MNIST_SIZE + 2 * MARGIN;
    byte[] pixels = new byte[ArrayImages.length(labels.length, size, size, 1)];
    for (int row = 0; row < labels.length * MNIST_SIZE; row++) {
      int target = (row / MNIST_SIZE * size + row % MNIST_SIZE + MARGIN) * size + MARGIN;
      System.arraycopy(images.values(), row * MNIST_SIZE, pixels, target, MNIST_SIZE);
    }
    return ImageSource.of(pixels, labels, size, size, 1);
  }
}
