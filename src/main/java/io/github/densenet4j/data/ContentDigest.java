package io.github.densenet4j.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Checksums of images and labels: the first half of a SHA-256, in hexadecimal digits. */
final class ContentDigest {
  /** Of a digest. */
  static final int BYTES = 16;

  private final MessageDigest sha256 = sha256();

  private ContentDigest() {}

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** Of everything that a source has. */
  static String of(ImageSource images) {
    var digest = new ContentDigest();
    digest.add(
        images.pixels() + " " + images.count() + "x" + images.height() + "x" + images.width() + "x"
            + images.channels());
    switch (images.pixels()) {
      case UINT8 -> digest.addBytes(images);
      case FLOAT32 -> digest.addFloats(images);
    }
    return digest.hex();
  }

  /** Of images of another source, whose digest stands for their content. */
  static String of(ImageView view) {
    var digest = new ContentDigest();
    digest.add(view.source().digest());
    var places = ByteBuffer.allocate(Integer.BYTES * view.count());
    for (int i = 0; i < view.count(); i++) {
      places.putInt(view.place().applyAsInt(i));
    }
    digest.sha256.update(places.flip());
    return digest.hex();
  }

  static String of(byte[] bytes) {
    var digest = new ContentDigest();
    digest.sha256.update(bytes);
    return digest.hex();
  }

  private void addBytes(ImageSource images) {
    byte[] image = new byte[images.imageValues()];
    for (int i = 0; i < images.count(); i++) {
      images.read(i, image, 0);
      sha256.update(image);
      addLabel(images.label(i));
    }
  }

  private void addFloats(ImageSource images) {
    float[] image = new float[images.imageValues()];
    var bytes = ByteBuffer.allocate(image.length * Float.BYTES);
    for (int i = 0; i < images.count(); i++) {
      images.read(i, image, 0);
      bytes.clear().asFloatBuffer().put(image);
      sha256.update(bytes.array());
      addLabel(images.label(i));
    }
  }

  private void addLabel(int label) {
    sha256.update(new byte[] {(byte) (label >> 8), (byte) label}); // below 2^16, as a Dataset demands
  }

  private void add(String text) {
    sha256.update(text.getBytes(StandardCharsets.UTF_8));
  }

  private String hex() {
    return HexFormat.of().formatHex(sha256.digest(), 0, BYTES);
  }
}
