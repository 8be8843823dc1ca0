package io.github.densenet4j.internal.cli;

import java.io.PrintStream;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err errors, and with {@code --json} everything that is not the result
 * @param terminal whether {@code out} is a terminal that understands control sequences
 * @param width of a line, in characters
 */
record Console(PrintStream out, PrintStream err, boolean terminal, int width) {
  private static final int USUAL_WIDTH = 80;

  /** The streams of this process. */
  static Console ofProcess() {
    var console = System.console();
    boolean terminal = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    return new Console(System.out, System.err, terminal, width(System.getenv("COLUMNS")));
  }

  /** Streams that no one watches. */
  static Console ofFiles(PrintStream out, PrintStream err) {
    return new Console(out, err, false, USUAL_WIDTH);
  }

  /** The same, with a result that stands alone on {@code out} if {@code json}. */
  Console logging(boolean json) {
    return json ? new Console(err, err, false, width) : this;
  }

  private static int width(String columns) {
    return columns != null && columns.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(columns) : USUAL_WIDTH;
  }
}
