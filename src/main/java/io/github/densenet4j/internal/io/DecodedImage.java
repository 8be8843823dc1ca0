package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.DataException;

/**
 * The pixels of one image, in the order (row, column, channel).
 *
 * @param height rows
 * @param width columns
 * @param channels 1 (grey) or 3 (red, green, blue)
 */
public record DecodedImage(int height, int width, int channels, Samples samples) {
  /** Refuses extents that do not fit the samples with {@link IllegalArgumentException}. */
  public DecodedImage {
    if (height < 1 || width < 1 || channels != 1 && channels != 3) {
      throw new IllegalArgumentException("no image of %d x %d x %d".formatted(height, width, channels));
    }
    if ((long) height * width * channels != samples.count()) {
      throw new IllegalArgumentException(
          "%d samples for an image of %d x %d x %d".formatted(samples.count(), height, width, channels));
    }
  }

  /**
   * An image of samples of 8 bits.
   *
   * @param nhwc unsigned, not copied
   */
  public DecodedImage(int height, int width, int channels, byte[] nhwc) {
    this(height, width, channels, new Bytes(nhwc));
  }

  /** Unsigned samples, as the file has them if it has at least 8 bits of each. */
  public sealed interface Samples {
    int count();

    /** What white has: 255 or 65,535. */
    int most();

    int get(int index);

    /** Room for as many samples of this sort. */
    Samples room(int count);

    void set(int index, int sample);

    /** Copies samples in the unit 0 to 255; those of 16 bits keep their precision. */
    void copy(int from, float[] into, int offset, int count);
  }

  /** Samples of 8 bits; the array is not copied. */
  public record Bytes(byte[] array) implements Samples {
    @Override
    public int count() {
      return array.length;
    }

    @Override
    public int most() {
      return 0xff;
    }

    @Override
    public int get(int index) {
      return array[index] & 0xff;
    }

    @Override
    public Samples room(int count) {
      return new Bytes(new byte[count]);
    }

    @Override
    public void set(int index, int sample) {
      array[index] = (byte) sample;
    }

    @Override
    public void copy(int from, float[] into, int offset, int count) {
      for (int i = 0; i < count; i++) {
        into[offset + i] = array[from + i] & 0xff;
      }
    }
  }

  /** Samples of 16 bits; the array is not copied. */
  public record Shorts(short[] array) implements Samples {
    /** What one step of 8 bits has. */
    private static final int STEP = 0x101;

    @Override
    public int count() {
      return array.length;
    }

    @Override
    public int most() {
      return 0xffff;
    }

    @Override
    public int get(int index) {
      return array[index] & 0xffff;
    }

    @Override
    public Samples room(int count) {
      return new Shorts(new short[count]);
    }

    @Override
    public void set(int index, int sample) {
      array[index] = (short) sample;
    }

    @Override
    public void copy(int from, float[] into, int offset, int count) {
      for (int i = 0; i < count; i++) {
        into[offset + i] = (float) (array[from + i] & 0xffff) / STEP;
      }
    }
  }

  /** Whether samples have more than 8 bits. */
  public boolean isDeep() {
    return samples instanceof Shorts;
  }

  /** The samples as bytes, 0 to 255; not a copy if they are. Those of 16 bits are rounded to nearest. */
  public byte[] nhwc() {
    return switch (samples) {
      case Bytes bytes -> bytes.array();
      case Shorts shorts -> {
        var bytes = new byte[shorts.count()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) ((shorts.get(i) + Shorts.STEP / 2) / Shorts.STEP);
        }
        yield bytes;
      }
    };
  }

  /**
   * The image with 1 or 3 channels: colour becomes grey as 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded; grey
   * becomes colour by copying.
   *
   * @throws DataException if the number is neither 1 nor 3
   */
  public DecodedImage toChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    return switch (wanted) {
      case 1 -> toGrey();
      case 3 -> toColour();
      default -> throw new DataException(
          "an image has 1 or 3 channels and cannot be fed to a model with %d".formatted(wanted));
    };
  }

  private DecodedImage toGrey() {
    var grey = samples.room(height * width);
    for (int i = 0; i < grey.count(); i++) {
      int sum = 299 * samples.get(3 * i) + 587 * samples.get(3 * i + 1) + 114 * samples.get(3 * i + 2);
      grey.set(i, (sum + 500) / 1000);
    }
    return new DecodedImage(height, width, 1, grey);
  }

  private DecodedImage toColour() {
    var colour = samples.room(Math.multiplyExact(samples.count(), 3));
    for (int i = 0; i < colour.count(); i++) {
      colour.set(i, samples.get(i / 3));
    }
    return new DecodedImage(height, width, 3, colour);
  }
}
