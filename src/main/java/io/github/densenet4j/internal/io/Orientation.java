package io.github.densenet4j.internal.io;

/**
 * How a camera was held, by the tag 0x0112 of EXIF: 1 is upright, 2 mirrored, 3 upside down, 4 both, and 5 to 8 the same
 * with rows and columns exchanged.
 */
record Orientation(int tag) {
  static final Orientation UPRIGHT = new Orientation(1);

  private static final int TAG = 0x0112;
  private static final int ENTRY_BYTES = 12;
  private static final int SHORT = 3;

  /**
   * Reads the tag out of a TIFF structure, as EXIF is one; what is damaged says nothing.
   *
   * @param from where the structure begins in {@code bytes}
   * @param end where it ends
   */
  static Orientation of(byte[] bytes, int from, int end) {
    if (end - from < 8) {
      return UPRIGHT;
    }
    boolean little = bytes[from] == 'I' && bytes[from + 1] == 'I';
    boolean big = bytes[from] == 'M' && bytes[from + 1] == 'M';
    if (!little && !big) {
      return UPRIGHT;
    }
    long directory = from + number(bytes, from + 4, 4, little);
    if (directory + 2 > end) {
      return UPRIGHT;
    }
    int entries = (int) number(bytes, (int) directory, 2, little);
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + (long) i * ENTRY_BYTES;
      if (entry + ENTRY_BYTES > end) {
        return UPRIGHT;
      }
      if (number(bytes, (int) entry, 2, little) == TAG && number(bytes, (int) entry + 2, 2, little) == SHORT) {
        int value = (int) number(bytes, (int) entry + 8, 2, little);
        return value >= 1 && value <= 8 ? new Orientation(value) : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  private static long number(byte[] bytes, int at, int count, boolean little) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | bytes[little ? at + count - 1 - i : at + i] & 0xff;
    }
    return value;
  }

  /** The image as the camera's owner saw it. */
  DecodedImage upright(DecodedImage image) {
    if (tag == 1) {
      return image;
    }
    boolean exchanged = tag >= 5;
    int height = exchanged ? image.width() : image.height();
    int width = exchanged ? image.height() : image.width();
    int channels = image.channels();
    var samples = image.samples().room(image.samples().count());
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = stored(image, y, x) * channels;
        for (int c = 0; c < channels; c++) {
          samples.set(to++, image.samples().get(from + c));
        }
      }
    }
    return new DecodedImage(height, width, channels, samples);
  }

  /** Which pixel of the stored image stands at a place of the upright one. */
  private int stored(DecodedImage image, int y, int x) {
    int lastRow = image.height() - 1;
    int lastColumn = image.width() - 1;
    int row =
        switch (tag) {
          case 2 -> y;
          case 3, 4 -> lastRow - y;
          case 5, 8 -> x;
          default -> lastRow - x; // 6 and 7
        };
    int column =
        switch (tag) {
          case 2, 3 -> lastColumn - x;
          case 4 -> x;
          case 5, 6 -> y;
          default -> lastColumn - y; // 7 and 8
        };
    return row * image.width() + column;
  }
}
