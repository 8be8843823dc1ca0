package io.github.densenet4j.internal.cli;

import java.io.PrintStream;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is going on, now and then: on a terminal one line that is rewritten in place, ten times a second at most; in a
 * file or pipe a plain line every ten seconds.
 */
final class ProgressLine implements AutoCloseable {
  private static final long TERMINAL_PERIOD = 100_000_000; // ns
  private static final long FILE_PERIOD = 10_000_000_000L; // ns
  private static final String TO_LINE_START = "\r";
  private static final String CLEAR_TO_LINE_END = "\u001b[K";

  private final PrintStream out;
  private final boolean terminal;
  private final IntSupplier width;
  private final LongSupplier nanoTime;
  private long last;
  private boolean live;

  ProgressLine(Console console) {
    this(console, System::nanoTime);
  }

  ProgressLine(Console console, LongSupplier nanoTime) {
    out = console.out();
    terminal = console.terminal();
    width = console.width();
    this.nanoTime = nanoTime;
    last = nanoTime.getAsLong();
  }

  /**
   * Shows something if the last was long enough ago.
   *
   * @param fitted what fits into so many columns of a terminal
   * @param whole for a file
   */
  void update(IntFunction<String> fitted, Supplier<String> whole) {
    long now = nanoTime.getAsLong();
    if (now - last < (terminal ? TERMINAL_PERIOD : FILE_PERIOD)) {
      return;
    }
    last = now;
    if (terminal) {
      // The last column stays free: some terminals wrap as soon as it is written.
      int columns = width.getAsInt() - 1;
      String line = fitted.apply(columns);
      out.print(TO_LINE_START + line.substring(0, Math.min(line.length(), columns)) + CLEAR_TO_LINE_END);
      out.flush();
      live = true;
    } else {
      out.println(whole.get());
    }
  }

  /** A line that stays. */
  void print(String line) {
    clear();
    out.println(line);
    last = nanoTime.getAsLong();
  }

  /** Takes the live line away. */
  void clear() {
    if (live) {
      out.print(TO_LINE_START + CLEAR_TO_LINE_END);
      out.flush();
      live = false;
    }
  }

  @Override
  public void close() {
    clear();
  }
}
