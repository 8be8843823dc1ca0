package io.github.densenet4j.internal.io;

import io.github.densenet4j.internal.io.DecodedImage.Bytes;
import io.github.densenet4j.internal.io.DecodedImage.Samples;
import io.github.densenet4j.internal.io.DecodedImage.Shorts;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.stream.IntStream;

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
    int count = Math.multiplyExact(Math.multiplyExact(height, width), channels);
    Samples values = palette == null && isDeep() ? new Shorts(new short[count]) : new Bytes(new byte[count]);
    int[] samples = null;
    for (int y = 0; y < height; y++) {
      samples = raster.getPixels(0, y, width, 1, samples);
      int row = y * width * channels;
      for (int x = 0; x < width; x++) {
        if (palette != null) {
          putPaletteColour(values, row + x * channels, palette[samples[x]]);
        } else {
          putSamples(values, row + x * channels, samples, x * raster.getNumBands());
        }
      }
    }
    return new DecodedImage(height, width, channels, values);
  }

  private boolean isDeep() {
    return IntStream.range(0, channels).anyMatch(band -> raster.getSampleModel().getSampleSize(band) > Byte.SIZE);
  }

  private void putPaletteColour(Samples values, int at, int argb) {
    for (int c = 0; c < channels; c++) {
      values.set(at + c, overWhite(argb >> 16 - 8 * c & 0xff, argb >>> 24, values.most()));
    }
  }

  private void putSamples(Samples values, int at, int[] samples, int from) {
    int most = values.most();
    int opacity = alpha ? scaled(samples[from + channels], channels, most) : most;
    for (int c = 0; c < channels; c++) {
      values.set(at + c, overWhite(scaled(samples[from + c], c, most), opacity, most));
    }
  }

  /** Scales a sample of the band's depth to 0..most, to nearest. */
  private int scaled(int sample, int band, int most) {
    int mostOfBand = (1 << raster.getSampleModel().getSampleSize(band)) - 1;
    return mostOfBand == most ? sample : (int) (((long) sample * most + mostOfBand / 2) / mostOfBand);
  }

  private static int overWhite(int value, int opacity, int most) {
    if (opacity == most) {
      return value;
    }
    return (int) (((long) value * opacity + (long) most * (most - opacity) + most / 2) / most);
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
