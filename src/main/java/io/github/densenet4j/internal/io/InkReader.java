package io.github.densenet4j.internal.io;

import java.awt.image.Raster;
import java.util.Optional;

/**
 * Makes RGB of a JPEG file's four components: cyan, magenta, yellow and black, or the first three as luminance and
 * colour differences. Adobe, who alone says which, stores them inverted: 0 is full ink.
 */
final class InkReader {
  /** Components of a pixel. */
  static final int INKS = 4;

  private static final int YCCK = 2;
  private static final int MOST = 0xff;

  private final boolean inverted;
  private final boolean luminance;

  private InkReader(Optional<Integer> adobe) {
    inverted = adobe.isPresent();
    luminance = adobe.isPresent() && adobe.get() == YCCK;
  }

  /** @param raster the components as the file has them */
  static DecodedImage read(Raster raster, Optional<Integer> adobe) {
    var inks = new InkReader(adobe);
    int width = raster.getWidth();
    int height = raster.getHeight();
    var rgb = new byte[Math.multiplyExact(Math.multiplyExact(height, width), 3)];
    int[] samples = null;
    for (int y = 0; y < height; y++) {
      samples = raster.getPixels(0, y, width, 1, samples);
      for (int x = 0; x < width; x++) {
        inks.put(samples, INKS * x, rgb, 3 * (y * width + x));
      }
    }
    return new DecodedImage(height, width, 3, rgb);
  }

  private void put(int[] samples, int from, byte[] rgb, int at) {
    int black = samples[from + 3];
    int paper = inverted ? black : MOST - black;
    for (int c = 0; c < 3; c++) {
      int stored = luminance ? MOST - colour(samples, from, c) : samples[from + c];
      int light = inverted ? stored : MOST - stored;
      rgb[at + c] = (byte) ((light * paper + MOST / 2) / MOST);
    }
  }

  /** Red, green or blue of JFIF's YCbCr. */
  private static int colour(int[] samples, int from, int c) {
    double y = samples[from];
    double blue = samples[from + 1] - 128;
    double red = samples[from + 2] - 128;
    double value =
        switch (c) {
          case 0 -> y + 1.402 * red;
          case 1 -> y - 0.344136 * blue - 0.714136 * red;
          default -> y + 1.772 * blue;
        };
    return Math.clamp(Math.round(value), 0, MOST);
  }
}
