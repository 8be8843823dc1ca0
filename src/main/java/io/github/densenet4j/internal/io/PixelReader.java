package io.github.densenet4j.internal.io;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Takes the stored samples out of a decoded image. {@link BufferedImage#getRGB} is avoided: it takes grey samples for
 * linear light and brightens them.
 */
final class PixelReader {
  private final Raster raster;
  private final int channels;
  private final boolean alpha;
  private final int[] palette; // ARGB by index; null if the samples are the values

  private PixelReader(Raster raster, int channels, boolean alpha, int[] palette) {
    this.raster = raster;
    this.channels = channels;
    this.alpha = alpha;
    this.palette = palette;
  }

  static DecodedImage read(BufferedImage image) {
    var raster = image.getRaster();
    if (image.getColorModel() instanceof IndexColorModel index) {
      var palette = new int[index.getMapSize()];
      index.getRGBs(palette);
      return new PixelReader(raster, isGrey(palette) ? 1 : 3, true, palette).read();
    }
    int bands = raster.getNumBands();
    return new PixelReader(raster, bands < 3 ? 1 : 3, image.getColorModel().hasAlpha(), null).read();
  }

  private DecodedImage read() {
    int width = raster.getWidth();
    int height = raster.getHeight();
    var bytes = new byte[Math.multiplyExact(Math.multiplyExact(height, width), channels)];
    int[] samples = null;
    for (int y = 0; y < height; y++) {
      samples = raster.getPixels(0, y, width, 1, samples);
      int row = y * width * channels;
      for (int x = 0; x < width; x++) {
        if (palette != null) {
          putPaletteColour(bytes, row + x * channels, palette[samples[x]]);
        } else {
          putSamples(bytes, row + x * channels, samples, x * raster.getNumBands());
        }
      }
    }
    return new DecodedImage(height, width, channels, bytes);
  }

  private void putPaletteColour(byte[] bytes, int at, int argb) {
    for (int c = 0; c < channels; c++) {
      bytes[at + c] = (byte) overWhite(argb >> 16 - 8 * c & 0xff, argb >>> 24);
    }
  }

  private void putSamples(byte[] bytes, int at, int[] samples, int from) {
    int opacity = alpha ? eightBits(samples[from + channels], channels) : 255;
    for (int c = 0; c < channels; c++) {
      bytes[at + c] = (byte) overWhite(eightBits(samples[from + c], c), opacity);
    }
  }

  /** Scales a sample of the band's depth to 0..255, to nearest. */
  private int eightBits(int sample, int band) {
    int most = (1 << raster.getSampleModel().getSampleSize(band)) - 1;
    return (sample * 255 + most / 2) / most;
  }

  private static int overWhite(int value, int opacity) {
    return (value * opacity + 255 * (255 - opacity) + 127) / 255;
  }

  private static boolean isGrey(int[] palette) {
    for (int argb : palette) {
      if ((argb >> 16 & 0xff) != (argb & 0xff) || (argb >> 8 & 0xff) != (argb & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
