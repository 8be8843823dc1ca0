package io.github.densenet4j.data;

import io.github.densenet4j.internal.io.DecodedImage;

/**
 * Packed images as pictures that are still to be prepared, as if they had been decoded.
 *
 * @param images of 1 or 3 channels; floats are in the unit 0 to 255, as images of 16 bits are packed
 */
record PackedPictures(PackedImages images) implements Pictures {
  private static final int MOST = 0xffff;

  /** Steps of 16 bits in one of 8. */
  private static final float STEP = 0x101;

  @Override
  public int count() {
    return images.count();
  }

  @Override
  public int label(int index) {
    return images.label(index);
  }

  @Override
  public boolean isDeep() {
    return images.pixels() == ImageSource.Pixels.FLOAT32;
  }

  @Override
  public String digest() {
    return images.digest();
  }

  @Override
  public DecodedImage picture(int index) {
    if (isDeep()) {
      return new DecodedImage(
          images.height(), images.width(), images.channels(), new DecodedImage.Shorts(sixteenBits(index)));
    }
    var bytes = new byte[images.imageValues()];
    images.read(index, bytes, 0);
    return new DecodedImage(images.height(), images.width(), images.channels(), bytes);
  }

  private short[] sixteenBits(int index) {
    var values = new float[images.imageValues()];
    images.read(index, values, 0);
    var samples = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      samples[i] = (short) Math.clamp(Math.round(values[i] * STEP), 0, MOST);
    }
    return samples;
  }
}
