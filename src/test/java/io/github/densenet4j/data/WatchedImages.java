package io.github.densenet4j.data;

import java.util.function.IntConsumer;

/** Images that tell a listener before each is read. */
public record WatchedImages(ImageSource images, Pixels pixels, IntConsumer reading) implements ImageSource {
  @Override
  public int count() {
    return images.count();
  }

  @Override
  public int height() {
    return images.height();
  }

  @Override
  public int width() {
    return images.width();
  }

  @Override
  public int channels() {
    return images.channels();
  }

  @Override
  public int label(int index) {
    return images.label(index);
  }

  @Override
  public void read(int index, float[] into, int offset) {
    reading.accept(index);
    images.read(index, into, offset);
  }

  @Override
  public void read(int index, byte[] into, int offset) {
    reading.accept(index);
    images.read(index, into, offset);
  }
}
