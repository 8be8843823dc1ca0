package io.github.densenet4j.internal.picture;

import io.github.densenet4j.internal.io.DecodedImage;

/**
 * An image on its way to a network, in the unit 0 to 255. One of samples of 8 bits has whole values, as it has between
 * the steps of other libraries; one of more keeps what it has.
 *
 * @param channels 1 or 3
 * @param whole whether values are rounded after every step
 * @param values (height, width, channels), not copied
 */
public record Picture(int height, int width, int channels, boolean whole, float[] values) {
  private static final int MOST = 255;

  /** The whole image at a size. */
  public static Picture of(DecodedImage image, Kernel kernel, int height, int width) {
    return Resampling.of(
        image, Box.all(image.height(), image.width()), kernel, height, width, Box.all(height, width));
  }

  /**
   * The image at {@code size} x {@code size}: centred on black if it is not larger, otherwise resized, both as data sets
   * without a preparation of their own are for training.
   */
  public static Picture fitted(DecodedImage image, int size) {
    if (image.height() > size || image.width() > size) {
      return of(image, Kernel.BILINEAR, size, size);
    }
    var centred = new Box(-((size - image.height()) / 2), -((size - image.width()) / 2), size, size);
    return Resampling.of(
        image, Box.all(image.height(), image.width()), Kernel.BILINEAR, image.height(), image.width(), centred);
  }

  static void round(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.floor(values[i] + 0.5f);
    }
  }

  static void clamp(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.clamp(values[i], 0, MOST);
    }
  }

  /** Values of a step in this image's unit: rounded where they have to be, none beyond black and white. */
  Picture settle(float[] stepped) {
    if (whole) {
      round(stepped);
    }
    clamp(stepped);
    return new Picture(height, width, channels, whole, stepped);
  }

  /** Grey as colour, or as it is. */
  Picture toChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    var colour = new float[values.length * 3];
    for (int i = 0; i < colour.length; i++) {
      colour[i] = values[i / 3];
    }
    return new Picture(height, width, 3, whole, colour);
  }

  /** From left to right. */
  public Picture flipped() {
    var flipped = new float[values.length];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = width - 1; x >= 0; x--, to += channels) {
        System.arraycopy(values, (y * width + x) * channels, flipped, to, channels);
      }
    }
    return new Picture(height, width, channels, whole, flipped);
  }

  /** Turned counter-clockwise around its centre, with bilinear interpolation; what comes from outside is black. */
  public Picture rotated(double degrees) {
    double angle = Math.toRadians(degrees);
    double cosine = StrictMath.cos(angle);
    double sine = StrictMath.sin(angle);
    var turned = new float[values.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double fromCentreX = x + 0.5 - width / 2.0;
        double fromCentreY = y + 0.5 - height / 2.0;
        double sourceX = cosine * fromCentreX - sine * fromCentreY + width / 2.0;
        double sourceY = sine * fromCentreX + cosine * fromCentreY + height / 2.0;
        if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
          interpolate(sourceY - 0.5, sourceX - 0.5, turned, (y * width + x) * channels);
        }
      }
    }
    return settle(turned);
  }

  private void interpolate(double y, double x, float[] into, int at) {
    int row = (int) Math.floor(y);
    int column = (int) Math.floor(x);
    double down = y - row;
    double right = x - column;
    int top = Math.max(0, row) * width;
    int bottom = Math.min(height - 1, row + 1) * width;
    int first = Math.max(0, column);
    int second = Math.min(width - 1, column + 1);
    for (int c = 0; c < channels; c++) {
      double above = between(values[(top + first) * channels + c], values[(top + second) * channels + c], right);
      double below = between(values[(bottom + first) * channels + c], values[(bottom + second) * channels + c], right);
      into[at + c] = (float) between(above, below, down);
    }
  }

  private static double between(double one, double other, double share) {
    return one + (other - one) * share;
  }
}
