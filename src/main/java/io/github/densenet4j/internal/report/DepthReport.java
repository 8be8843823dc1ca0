package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.AtomicFile;
import java.nio.file.Path;

/** Memory against depth as one HTML file: a linear and a logarithmic picture, and all figures. */
public final class DepthReport {
  private DepthReport() {}

  /** Writes the report, atomically. */
  public static void write(Path file, MemoryByDepth memory) {
    AtomicFile.writeText(file, html(memory));
  }

  /** The text of the report. */
  public static String html(MemoryByDepth memory) {
    return Page.html(
        "Memory against depth", memory.title(), "Training, " + memory.setting() + ".",
        StrategyStyle.CHART + StrategyStyle.PAGE,
        Html.fill("""
            <section>
            <p class="note">Lines are planned before anything is allocated%s. The growth exponent p is fitted by least
            squares of logarithms: activations and workspace in proportion to L<sup>p</sup>.</p>
            <div class="pair">
            <figure><figcaption><h2>Linear</h2></figcaption>
            %s</figure>
            <figure><figcaption><h2>Logarithmic</h2><span>a power of L is a straight line</span></figcaption>
            %s</figure>
            </div>
            %s</section>
            """,
            memory.tried() ? "; circles are the growth of a process by loading the network and its first step" : "",
            DepthChart.linear(memory).inline(), DepthChart.logarithmic(memory).inline(),
            FigureTable.html(DepthRows.of(memory))));
  }
}
