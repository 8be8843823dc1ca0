package io.github.densenet4j;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import java.util.List;
import java.util.Random;

/** Images of 8x8 pixels in three classes that a tiny network tells apart: the brighter, the higher their label. */
final class Learnable {
  static final int SIZE = 8;
  static final int CLASSES = 3;
  static final DenseNetConfig CONFIG =
      new DenseNetConfig("tiny", 4, List.of(1, 1), 8, 1, 0.5, 0, Stem.CIFAR, 2, SIZE, CLASSES);

  private Learnable() {}

  static int[] labels(int count) {
    var labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % CLASSES;
    }
    return labels;
  }

  static byte[] bytes(int count, long seed) {
    var random = new Random(seed);
    var pixels = new byte[count * SIZE * SIZE * 2];
    int values = pixels.length / count;
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (80 * (i / values % CLASSES) + random.nextInt(60));
    }
    return pixels;
  }

  static float[] floats(byte[] bytes) {
    var floats = new float[bytes.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = bytes[i] & 0xff;
    }
    return floats;
  }

  static ImageSource images(int count, long seed) {
    return ImageSource.of(bytes(count, seed), labels(count), SIZE, SIZE, 2);
  }

  /** The same images as float32. */
  static ImageSource floatImages(int count, long seed) {
    return ImageSource.of(floats(bytes(count, seed)), labels(count), SIZE, SIZE, 2);
  }

  static Dataset data() {
    return Dataset.of(images(48, 1), images(18, 2));
  }
}
