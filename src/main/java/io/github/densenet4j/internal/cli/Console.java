package io.github.densenet4j.internal.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err errors, and with {@code --json} everything that is not the result
 * @param terminal whether {@code out} is a terminal that understands control sequences
 * @param width of a line, in characters, as it is now
 * @param whyLost why {@code out} lost what was written, in the system's words, if that is known
 */
record Console(
    PrintStream out, PrintStream err, boolean terminal, IntSupplier width, Supplier<Optional<String>> whyLost) {
  private static final int BUFFER_BYTES = 1 << 13;

  /** The streams of this process. */
  static Console ofProcess() {
    var console = System.console();
    boolean terminal = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    var watched = new WatchedOutput(new FileOutputStream(FileDescriptor.out));
    var out = new PrintStream(new BufferedOutputStream(watched, BUFFER_BYTES), true, System.out.charset());
    var width = new TerminalWidth();
    return new Console(out, System.err, terminal, width::columns, watched::failure);
  }

  /** Streams that no one watches. */
  static Console ofFiles(PrintStream out, PrintStream err) {
    return new Console(out, err, false, () -> TerminalWidth.USUAL, Optional::empty);
  }

  /** The same, with a result that stands alone on {@code out} if {@code json}. */
  Console logging(boolean json) {
    return json ? new Console(err, err, false, width, Optional::empty) : this;
  }
}
