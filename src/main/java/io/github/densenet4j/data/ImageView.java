package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/**
 * Some images of another source, in an order of their own.
 *
 * @param place which image of {@code source} the index of one of these stands for
 */
record ImageView(ImageSource source, int count, IntUnaryOperator place) implements ImageSource {
  static ImageView slice(ImageSource source, int from, int count) {
    if (from < 0 || count < 1 || count > source.count() - from) {
      throw new ConfigurationException(
          "%d images from image %d on were asked for, but there are %d".formatted(count, from, source.count()));
    }
    return new ImageView(source, count, index -> from + index);
  }

  static ImageView select(ImageSource source, int[] indexes) {
    int[] places = indexes.clone();
    for (int index : places) {
      if (index < 0 || index >= source.count()) {
        throw new ConfigurationException(
            "image " + index + " was asked for, but there are " + source.count() + ", counted from 0");
      }
    }
    if (places.length == 0) {
      throw new ConfigurationException("no image was asked for, expected at least 1");
    }
    return new ImageView(source, places.length, index -> places[index]);
  }

  @Override
  public String digest() {
    return ContentDigest.of(this);
  }

  private int placed(int index) {
    return place.applyAsInt(Objects.checkIndex(index, count));
  }

  @Override
  public int height() {
    return source.height();
  }

  @Override
  public int width() {
    return source.width();
  }

  @Override
  public int channels() {
    return source.channels();
  }

  @Override
  public int label(int index) {
    return source.label(placed(index));
  }

  @Override
  public Pixels pixels() {
    return source.pixels();
  }

  @Override
  public boolean isInMemory() {
    return source.isInMemory();
  }

  @Override
  public void read(int index, float[] into, int offset) {
    source.read(placed(index), into, offset);
  }

  @Override
  public void read(int index, byte[] into, int offset) {
    source.read(placed(index), into, offset);
  }

  @Override
  public void readVaried(int index, long key, float[] into, int offset) {
    source.readVaried(placed(index), key, into, offset);
  }

  @Override
  public void readVaried(int index, long key, byte[] into, int offset) {
    source.readVaried(placed(index), key, into, offset);
  }
}
