package io.github.densenet4j.internal.backend;

import java.util.Arrays;

/**
 * What images as bytes become, one step after the other: normalise, flip, put on an endless plane of zeros, crop.
 *
 * @param table (channels, 256): the normalised value of each level
 */
public record InputOracle(int height, int width, int channels, float[] table) {
  /**
   * @param pixels (N, height, width, channels)
   * @param placement (N, 3): dy, dx, flipped
   */
  public float[] of(byte[] pixels, int[] placement) {
    int values = height * width * channels;
    var all = new float[pixels.length];
    for (int n = 0; n < placement.length / 3; n++) {
      byte[] image = Arrays.copyOfRange(pixels, n * values, (n + 1) * values);
      float[] placed = image(image, placement[n * 3], placement[n * 3 + 1], placement[n * 3 + 2] == 1);
      System.arraycopy(placed, 0, all, n * values, values);
    }
    return all;
  }

  /** One image. */
  public float[] image(byte[] pixels, int dy, int dx, boolean flip) {
    var normalized = new float[height][width][channels];
    for (int i = 0; i < pixels.length; i++) {
      int c = i % channels;
      int x = i / channels % width;
      normalized[i / channels / width][flip ? width - 1 - x : x][c] = table[c * 256 + Byte.toUnsignedInt(pixels[i])];
    }
    var cropped = new float[pixels.length];
    for (int i = 0; i < cropped.length; i++) {
      long y = (long) i / channels / width + dy;
      long x = (long) i / channels % width + dx;
      boolean inside = y >= 0 && y < height && x >= 0 && x < width;
      cropped[i] = inside ? normalized[(int) y][(int) x][i % channels] : 0;
    }
    return cropped;
  }
}
