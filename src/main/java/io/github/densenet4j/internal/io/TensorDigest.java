package io.github.densenet4j.internal.io;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A checksum of tensors in the order of their names, whatever their order in a file: SHA-256 of name, type, shape and
 * bytes of each.
 */
final class TensorDigest implements WritableByteChannel {
  /** Where the metadata of a file has it. */
  static final String KEY = "tensors_sha256";

  private final MessageDigest sha256;

  TensorDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** Begins a tensor, whose bytes are written next. */
  void begin(String name, TensorInfo info) {
    String head = name + '\n' + info.type() + '\n' + info.shape() + '\n';
    sha256.update(head.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int write(ByteBuffer bytes) {
    int count = bytes.remaining();
    sha256.update(bytes);
    return count;
  }

  String hex() {
    return HexFormat.of().formatHex(sha256.digest());
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
