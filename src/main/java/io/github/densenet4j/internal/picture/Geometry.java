package io.github.densenet4j.internal.picture;

import io.github.densenet4j.internal.io.DecodedImage;

/**
 * How an image comes to the size of a network's: its short side is resized, then the middle is cut out, as torchvision
 * does both.
 *
 * @param size of the square that is cut out; what the image has not is black
 * @param resize of the short side, before
 * @param channels 1 or 3
 */
public record Geometry(int size, int resize, Kernel kernel, int channels) {
  /** The middle. */
  public Picture apply(DecodedImage image) {
    int shortSide = Math.min(image.height(), image.width());
    int height = (int) ((long) resize * image.height() / shortSide);
    int width = (int) ((long) resize * image.width() / shortSide);
    var middle = new Box(begin(height), begin(width), size, size);
    return resampled(image, Box.all(image.height(), image.width()), height, width, middle);
  }

  /** A part of the image, whatever its sides. */
  public Picture apply(DecodedImage image, Box part) {
    return resampled(image, part, size, size, Box.all(size, size));
  }

  /** Colour becomes grey before, as elsewhere; grey becomes colour after, which comes to the same and costs less. */
  private Picture resampled(DecodedImage image, Box source, int height, int width, Box part) {
    var some = image.channels() > channels ? image.toChannels(channels) : image;
    return Resampling.of(some, source, kernel, height, width, part).toChannels(channels);
  }

  /** Where the middle of an axis begins; halves go to the even side. */
  private int begin(int length) {
    return length < size ? -((size - length) / 2) : (int) Math.rint((length - size) / 2.0);
  }
}
