package io.github.densenet4j.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Image files of one colour, for tests of what reads them. */
public final class DrawnFiles {
  private DrawnFiles() {}

  /** A grey PNG file; its folders are made. */
  public static Path grey(Path file, int width, int height, int level) {
    return write(file, filled(width, height, BufferedImage.TYPE_BYTE_GRAY, level), "png");
  }

  /** One of samples of 16 bits. */
  public static Path deep(Path file, int width, int height, int level) {
    return write(file, filled(width, height, BufferedImage.TYPE_USHORT_GRAY, level), "png");
  }

  /** A JPEG file of grey in three channels. */
  public static Path jpeg(Path file, int width, int height, int level) {
    return write(file, filled(width, height, BufferedImage.TYPE_INT_RGB, level), "jpeg");
  }

  private static BufferedImage filled(int width, int height, int type, int level) {
    var image = new BufferedImage(width, height, type);
    var raster = image.getRaster();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int band = 0; band < raster.getNumBands(); band++) {
          raster.setSample(x, y, band, level);
        }
      }
    }
    return image;
  }

  /** Any image; its folders are made. */
  public static Path write(Path file, BufferedImage image, String format) {
    try {
      Files.createDirectories(file.getParent());
      ImageIO.write(image, format, file.toFile());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
