package io.github.densenet4j.internal.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** An output that remembers why it could not be written: the {@link java.io.PrintStream} over it does not tell. */
final class WatchedOutput extends FilterOutputStream {
  private volatile IOException failure;

  WatchedOutput(OutputStream out) {
    super(out);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  /** In the system's words. */
  Optional<String> failure() {
    return Optional.ofNullable(failure).map(IOException::getMessage);
  }
}
