package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.util.Objects;

/** Labelled images in one array on the heap, which is shared with whoever made it. */
final class ArrayImages implements ImageSource {
  /** The longest array a JVM allocates. */
  static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

  private final Values values; // (N, H, W, C)
  private final int[] labels; // (N)
  private final int height;
  private final int width;
  private final int channels;

  /** Taken when it is first asked for. */
  private volatile String digest;

  /** @throws DataException if there is no image, a size is not positive, the arrays do not fit, or a label is negative */
  ArrayImages(Values values, int[] labels, int height, int width, int channels) {
    this.values = values;
    this.labels = labels.clone();
    this.height = height;
    this.width = width;
    this.channels = channels;
    int expected = length(labels.length, height, width, channels);
    if (values.length() != expected) {
      throw new DataException(
          "the images have %d values, expected %d for %d images of %dx%dx%d"
              .formatted(values.length(), expected, labels.length, height, width, channels));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new DataException("the label of image %d is %d, it must be at least 0".formatted(i, labels[i]));
      }
    }
  }

  /**
   * The values of so many images.
   *
   * @throws DataException if a size is not positive or one heap array cannot hold them
   */
  static int length(int count, int height, int width, int channels) {
    if (count <= 0 || height <= 0 || width <= 0 || channels <= 0) {
      throw new DataException(
          "%d images of %dx%dx%d are empty, expected at least one image with a pixel"
              .formatted(count, height, width, channels));
    }
    long length = 1;
    for (int factor : new int[] {count, height, width, channels}) {
      length *= factor; // below 2^31 times below 2^31: cannot overflow
      if (length > MAX_LENGTH) {
        throw new DataException(
            "%d images of %dx%dx%d have more than %d values, the most that one array can hold; use fewer or smaller ones"
                .formatted(count, height, width, channels, MAX_LENGTH));
      }
    }
    return (int) length;
  }

  /** An array of one of the sorts that images come in. */
  interface Values {
    int length();

    Pixels pixels();

    /** Copies {@code count} values from {@code from} on. */
    void copy(int from, float[] into, int offset, int count);

    default void copy(int from, byte[] into, int offset, int count) {
      throw new UnsupportedOperationException("the images are " + pixels() + ", not bytes");
    }
  }

  record Bytes(byte[] array) implements Values {
    @Override
    public int length() {
      return array.length;
    }

    @Override
    public Pixels pixels() {
      return Pixels.UINT8;
    }

    @Override
    public void copy(int from, float[] into, int offset, int count) {
      for (int i = 0; i < count; i++) {
        into[offset + i] = Byte.toUnsignedInt(array[from + i]);
      }
    }

    @Override
    public void copy(int from, byte[] into, int offset, int count) {
      System.arraycopy(array, from, into, offset, count);
    }
  }

  record Shorts(short[] array) implements Values {
    @Override
    public int length() {
      return array.length;
    }

    @Override
    public Pixels pixels() {
      return Pixels.FLOAT32;
    }

    @Override
    public void copy(int from, float[] into, int offset, int count) {
      for (int i = 0; i < count; i++) {
        into[offset + i] = Short.toUnsignedInt(array[from + i]);
      }
    }
  }

  record Floats(float[] array) implements Values {
    @Override
    public int length() {
      return array.length;
    }

    @Override
    public Pixels pixels() {
      return Pixels.FLOAT32;
    }

    @Override
    public void copy(int from, float[] into, int offset, int count) {
      System.arraycopy(array, from, into, offset, count);
    }
  }

  @Override
  public int count() {
    return labels.length;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public Pixels pixels() {
    return values.pixels();
  }

  @Override
  public boolean isInMemory() {
    return true;
  }

  @Override
  public String digest() {
    if (digest == null) {
      digest = ContentDigest.of(this);
    }
    return digest;
  }

  @Override
  public void read(int index, float[] into, int offset) {
    values.copy(start(index), into, offset, imageValues());
  }

  @Override
  public void read(int index, byte[] into, int offset) {
    values.copy(start(index), into, offset, imageValues());
  }

  private int start(int index) {
    return Objects.checkIndex(index, labels.length) * imageValues();
  }
}
