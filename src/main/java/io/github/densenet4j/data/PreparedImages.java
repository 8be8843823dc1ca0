package io.github.densenet4j.data;

import io.github.densenet4j.internal.picture.Picture;

/** Pictures as a network takes them, each decoded and prepared when it is read; nothing is kept of them. */
record PreparedImages(Pictures pictures, Preprocessing preprocessing) implements ImageSource {
  @Override
  public int count() {
    return pictures.count();
  }

  @Override
  public int height() {
    return preprocessing.size();
  }

  @Override
  public int width() {
    return preprocessing.size();
  }

  @Override
  public int channels() {
    return preprocessing.channels();
  }

  @Override
  public int label(int index) {
    return pictures.label(index);
  }

  @Override
  public Pixels pixels() {
    return pictures.isDeep() ? Pixels.FLOAT32 : Pixels.UINT8;
  }

  @Override
  public String digest() {
    return pictures.digest();
  }

  @Override
  public void read(int index, float[] into, int offset) {
    put(Preparation.of(preprocessing).apply(pictures.picture(index)), into, offset);
  }

  @Override
  public void read(int index, byte[] into, int offset) {
    put(Preparation.of(preprocessing).apply(pictures.picture(index)), into, offset);
  }

  @Override
  public void readVaried(int index, long key, float[] into, int offset) {
    put(Preparation.of(preprocessing).varied(pictures.picture(index), key), into, offset);
  }

  @Override
  public void readVaried(int index, long key, byte[] into, int offset) {
    put(Preparation.of(preprocessing).varied(pictures.picture(index), key), into, offset);
  }

  private static void put(Picture picture, float[] into, int offset) {
    System.arraycopy(picture.values(), 0, into, offset, picture.values().length);
  }

  private void put(Picture picture, byte[] into, int offset) {
    if (pictures.isDeep()) {
      throw new UnsupportedOperationException("the images are " + pixels() + ", not bytes");
    }
    float[] values = picture.values();
    for (int i = 0; i < values.length; i++) {
      into[offset + i] = (byte) Math.round(values[i]);
    }
  }
}
