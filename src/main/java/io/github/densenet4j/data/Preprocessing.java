package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Objects;

/**
 * How image files of any size and colours become the images of a network. A network that was trained on such images
 * keeps it, in checkpoints too, and prepares what it is to judge in the same way.
 *
 * <p>The short side is resized to {@link #resize} pixels, the other one in proportion, then a square of {@link #size}
 * pixels is cut out of the middle; what the image does not fill is black. Filters are widened where an image shrinks
 * (antialiasing), and the values are those of torchvision with Pillow, up to one of 255 levels. Samples of 16 bits keep
 * their precision.
 *
 * @param size side of the network's images, in pixels, at least 1
 * @param resize what the short side is resized to, in pixels, at least 1
 * @param interpolation of resized images
 * @param channels 1 (grey) or 3 (RGB); files of the other sort are converted
 * @param upright whether images are turned as EXIF says they were taken
 * @param variation of the images that are trained on
 * @since 0.1
 */
public record Preprocessing(
    int size, int resize, Interpolation interpolation, int channels, boolean upright, Variation variation) {
  /** As long as a side of a file may be. */
  private static final int LONGEST = 30_000;

  /** Of the short side, ImageNet networks see 224 of 256 pixels. */
  private static final double SEEN = 224.0 / 256;

  /** How resized images are interpolated. */
  public enum Interpolation {
    /** By a triangle. */
    BILINEAR,
    /** By a cubic with a = -0.5. */
    BICUBIC
  }

  /**
   * Checks the numbers.
   *
   * @throws ConfigurationException if a number is out of range
   */
  public Preprocessing {
    require(size >= 1 && size <= LONGEST, "picture size", size, "1 to " + LONGEST);
    require(resize >= 1 && resize <= LONGEST, "resized side", resize, "1 to " + LONGEST);
    require(channels == 1 || channels == 3, "picture channels", channels, "1 or 3");
    Objects.requireNonNull(interpolation, "interpolation");
    Objects.requireNonNull(variation, "variation");
  }

  private static void require(boolean fulfilled, String field, Object value, String expected) {
    if (!fulfilled) {
      throw new ConfigurationException("%s is %s, expected %s".formatted(field, value, expected), field);
    }
  }

  /**
   * The usual preparation for ImageNet's networks: 7/8 of the short side are seen, bilinear, RGB, upright, not varied.
   *
   * @param size side of the network's images, in pixels
   * @return with {@code resize} 256 for 224
   * @throws ConfigurationException if the size is out of range
   */
  public static Preprocessing of(int size) {
    int resize = Math.clamp(Math.round(size / SEEN), size, LONGEST);
    return new Preprocessing(size, resize, Interpolation.BILINEAR, 3, true, Variation.NONE);
  }

  /**
   * {@return the same with another short side}
   *
   * @param resize in pixels
   */
  public Preprocessing withResize(int resize) {
    return new Preprocessing(size, resize, interpolation, channels, upright, variation);
  }

  /**
   * {@return the same with another interpolation}
   *
   * @param interpolation of resized images
   */
  public Preprocessing withInterpolation(Interpolation interpolation) {
    return new Preprocessing(size, resize, interpolation, channels, upright, variation);
  }

  /**
   * {@return the same with other channels}
   *
   * @param channels 1 or 3
   */
  public Preprocessing withChannels(int channels) {
    return new Preprocessing(size, resize, interpolation, channels, upright, variation);
  }

  /**
   * {@return the same, with or without turning images as EXIF says}
   *
   * @param upright whether to
   */
  public Preprocessing withUpright(boolean upright) {
    return new Preprocessing(size, resize, interpolation, channels, upright, variation);
  }

  /**
   * {@return the same with another variation}
   *
   * @param variation of the images that are trained on
   */
  public Preprocessing withVariation(Variation variation) {
    return new Preprocessing(size, resize, interpolation, channels, upright, variation);
  }

  /**
   * How images are varied by chance each time they are trained on, as torchvision does: a random part, resized; a flip; a
   * rotation; colours.
   *
   * @param cropScale least share of an image's area that is cut out, in (0, 1]; 1: the image is cut as it is where it is
   *     not varied
   * @param cropRatio greatest ratio of the sides of what is cut out, at least 1; the least is its inverse
   * @param flip probability of a flip from left to right
   * @param rotation greatest angle, in degrees, 0 to 180, to either side; corners become black
   * @param brightness greatest change of the factor 1, at least 0; so are the next two
   * @param contrast of the distance from the mean grey
   * @param saturation of the distance from grey
   * @param hue greatest turn of the circle of hues, 0 to 0.5 of it
   */
  public record Variation(
      double cropScale,
      double cropRatio,
      double flip,
      double rotation,
      double brightness,
      double contrast,
      double saturation,
      double hue) {
    /** Images as they are. */
    public static final Variation NONE = new Variation(1, 1, 0, 0, 0, 0, 0, 0);

    /** 8 to 100 % of the area, sides of 3:4 to 4:3, flips: what ImageNet's networks are trained with. */
    public static final Variation IMAGENET = new Variation(0.08, 4.0 / 3, 0.5, 0, 0, 0, 0, 0);

    /**
     * Checks the numbers.
     *
     * @throws ConfigurationException if one is out of range
     */
    public Variation {
      require(cropScale > 0 && cropScale <= 1, "crop scale", cropScale, "above 0 and at most 1");
      require(cropRatio >= 1 && cropRatio < LONGEST, "crop ratio", cropRatio, "at least 1");
      require(flip >= 0 && flip <= 1, "flip probability", flip, "0 to 1");
      require(rotation >= 0 && rotation <= 180, "rotation", rotation, "0 to 180");
      for (double change : new double[] {brightness, contrast, saturation}) {
        require(change >= 0 && change < LONGEST, "colour jitter", change, "at least 0");
      }
      require(hue >= 0 && hue <= 0.5, "hue jitter", hue, "0 to 0.5");
    }

    /**
     * {@return the same with other crops}
     *
     * @param cropScale least share of the area
     * @param cropRatio greatest ratio of the sides
     */
    public Variation withCrop(double cropScale, double cropRatio) {
      return new Variation(cropScale, cropRatio, flip, rotation, brightness, contrast, saturation, hue);
    }

    /**
     * {@return the same with another probability of flips}
     *
     * @param flip 0 to 1
     */
    public Variation withFlip(double flip) {
      return new Variation(cropScale, cropRatio, flip, rotation, brightness, contrast, saturation, hue);
    }

    /**
     * {@return the same with other rotations}
     *
     * @param rotation greatest angle, in degrees
     */
    public Variation withRotation(double rotation) {
      return new Variation(cropScale, cropRatio, flip, rotation, brightness, contrast, saturation, hue);
    }

    /**
     * {@return the same with other changes of colour}
     *
     * @param brightness greatest change of the factor
     * @param contrast greatest change of the factor
     * @param saturation greatest change of the factor
     * @param hue greatest turn
     */
    public Variation withJitter(double brightness, double contrast, double saturation, double hue) {
      return new Variation(cropScale, cropRatio, flip, rotation, brightness, contrast, saturation, hue);
    }
  }
}
