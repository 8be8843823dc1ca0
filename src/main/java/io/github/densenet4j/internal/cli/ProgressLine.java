package io.github.densenet4j.internal.cli;

import java.io.PrintStream;
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
  private final int width;
  private final LongSupplier nanoTime;
  private long last;
  private boolean live;

  ProgressLine(Console console) {
    this(console, System::nanoTime);
  }

  ProgressLine(Console console, LongSupplier nanoTime) {
    out = console.out();
    terminal = console.terminal();
    // The last column stays free: some terminals wrap as soon as it is written.
    width = console.width() - 1;
    this.nanoTime = nanoTime;
    last = nanoTime.getAsLong();
  }

  /** Shows {@code text} if the last one was long enough ago. */
  void update(Supplier<String> text) {
    long now = nanoTime.getAsLong();
    if (now - last < (terminal ? TERMINAL_PERIOD : FILE_PERIOD)) {
      return;
    }
    last = now;
    if (terminal) {
      String line = text.get();
      out.print(TO_LINE_START + line.substring(0, Math.min(line.length(), width)) + CLEAR_TO_LINE_END);
      out.flush();
      live = true;
    } else {
      out.println(text.get());
    }
  }

  /** A line that stays. */
  void print(String line) {
    clear();
    out.println(line);
    last = nanoTime.getAsLong();
  }

  private void clear() {
    if (live) {
      out.print(TO_LINE_START + CLEAR_TO_LINE_END);
      out.flush();
      live = false;
    }
  }

  /** Takes the live line away. */
  @Override
  public void close() {
    clear();
  }
}
