package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Figures;

/** Shows how many images are packed. */
final class PackProgress implements AutoCloseable {
  private final ProgressLine line;
  private final long images;
  private final long start = System.nanoTime();
  private long done;

  PackProgress(Console console, long images) {
    line = new ProgressLine(console);
    this.images = images;
  }

  /** So many more are written. */
  void add(int more) {
    done += more;
    line.update(_ -> text(), this::text);
  }

  private String text() {
    double seconds = (System.nanoTime() - start) / 1e9;
    return "packed %s of %s images, %.0f images/s"
        .formatted(Figures.count(done), Figures.count(images), done / seconds);
  }

  @Override
  public void close() {
    line.close();
  }
}
