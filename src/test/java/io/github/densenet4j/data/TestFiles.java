package io.github.densenet4j.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Data files as bytes, written by hand; for the tests of every package. */
public final class TestFiles {
  private TestFiles() {}

  /** An IDX file with this header and payload, whether they fit or not. */
  public static byte[] idx(int magic, int[] sizes, byte[] payload) {
    var buffer = ByteBuffer.allocate(4 + 4 * sizes.length + payload.length).putInt(magic);
    Arrays.stream(sizes).forEach(buffer::putInt);
    return buffer.put(payload).array();
  }

  public static byte[] idxImages(int count, int height, int width, byte[] pixels) {
    return idx(0x803, new int[] {count, height, width}, pixels);
  }

  public static byte[] idxLabels(int... labels) {
    return idx(0x801, new int[] {labels.length}, bytes(labels));
  }

  public static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  public static byte[] randomBytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  public static byte[] gzip(byte[] content) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }

  public static byte[] concat(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  /** The bytes of one image of a source of bytes. */
  public static byte[] image(ImageSource images, int index) {
    var image = new byte[images.imageValues()];
    images.read(index, image, 0);
    return image;
  }

  /** A folder of 3 training and 2 test images of 2x3 pixels. */
  public static void writeIdxFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("train-images-idx3-ubyte"), idxImages(3, 2, 3, randomBytes(18, 1)));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), idxLabels(7, 0, 9));
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), idxImages(2, 2, 3, randomBytes(12, 2)));
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idxLabels(1, 2));
  }

  /** One CIFAR record: label bytes, then 3072 random bytes. */
  public static byte[] cifarRecord(long seed, int... labels) {
    return concat(bytes(labels), randomBytes(3072, seed));
  }

  /** A folder of random images whose top left quarter is the brighter the higher their label, 0 to 9 in turn. */
  public static void writeLearnableIdxFolder(Path folder, int training, int heldOut, int size) throws IOException {
    Files.createDirectories(folder);
    writeLearnable(folder, "train", training, size);
    writeLearnable(folder, "t10k", heldOut, size);
  }

  private static void writeLearnable(Path folder, String part, int count, int size) throws IOException {
    var labels = new int[count];
    byte[] pixels = randomBytes(count * size * size, part.hashCode());
    for (int i = 0; i < count; i++) {
      labels[i] = i % 10;
      for (int y = 0; y < size / 2; y++) {
        Arrays.fill(pixels, (i * size + y) * size, (i * size + y) * size + size / 2, (byte) (25 * labels[i]));
      }
    }
    Files.write(folder.resolve(part + "-images-idx3-ubyte"), idxImages(count, size, size, pixels));
    Files.write(folder.resolve(part + "-labels-idx1-ubyte"), idxLabels(labels));
  }
}
