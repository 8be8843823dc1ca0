package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.backend.InputOracle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Random images as bytes, one for every way to place them: each shift from just inside to wholly outside on all four
 * sides and far beyond, flipped and not.
 *
 * @param size height and width
 */
public record InputImages(int size, int channels) {
  /** Awkward sizes, each with the channels that data sets have. */
  public static Stream<InputImages> sweep() {
    return Stream.of(1, 2, 5, 8, 13).flatMap(size -> Stream.of(new InputImages(size, 1), new InputImages(size, 3)));
  }

  /** (N, 3). */
  public int[] placement() {
    var placement = new ArrayList<Integer>();
    var shifts = new ArrayList<>(List.of(Integer.MIN_VALUE, Integer.MAX_VALUE, 0, 1, -1, size, -size, size - 1));
    shifts.addAll(List.of(1 - size, size / 2, size + 3));
    for (int dy : shifts) {
      for (int dx : shifts) {
        placement.addAll(List.of(dy, dx, 0));
        placement.addAll(List.of(dy, dx, 1));
      }
    }
    return placement.stream().mapToInt(Integer::intValue).toArray();
  }

  public int batch() {
    return placement().length / 3;
  }

  public int values() {
    return batch() * size * size * channels;
  }

  /** uint8 (N, size, size, channels), every level among them if there are so many. */
  public byte[] pixels() {
    var bytes = new byte[values()];
    int[] levels = new Draws(size + channels).integers(bytes.length, 256);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) levels[i];
    }
    return bytes;
  }

  /** Those bytes as words, the last filled up with zeros. */
  public int[] pixelWords() {
    byte[] bytes = pixels();
    var words = new int[Math.ceilDiv(bytes.length, Integer.BYTES)];
    var padded = Arrays.copyOf(bytes, words.length * Integer.BYTES);
    ByteBuffer.wrap(padded).order(ByteOrder.nativeOrder()).asIntBuffer().get(words);
    return words;
  }

  /** (channels, 256), another value for each level of each channel. */
  public float[] table() {
    return new Draws(7).normal(channels * 256, 0, 1);
  }

  /** What they become. */
  float[] expected() {
    return new InputOracle(size, size, channels, table()).of(pixels(), placement());
  }
}
