package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.Figures;
import java.nio.file.Path;

/**
 * A memory plan as a picture, arena address over program order: a page that needs nothing else, or the bare picture for
 * other documents. Both are well-formed XML and follow the reader's light or dark setting.
 */
public final class MemoryTimeline {
  private static final String STYLE =
      """
      .timeline .m0 { fill: var(--m0); } .timeline .m1 { fill: var(--m1); } .timeline .m2 { fill: var(--m2); }
      .timeline .m3 { fill: var(--m3); } .timeline .m4 { fill: var(--m4); } .timeline .m5 { fill: var(--m5); }
      .timeline .s1 { fill-opacity: 0.86; }
      .timeline .s2 { fill-opacity: 0.72; }
      .timeline .edged { stroke: var(--paper); stroke-width: 0.6; }
      .timeline .buffers rect:hover { fill: var(--ink); fill-opacity: 1; }
      .timeline .turned, .timeline .phase { text-anchor: middle; }
      .timeline .narrow, .timeline .end { text-anchor: end; }
      .timeline text.phase { fill: var(--soft); }
      .timeline path.phase { stroke: var(--soft); stroke-dasharray: 2 3; }
      .timeline path.peak { stroke: var(--ink); stroke-width: 1.5; }
      .timeline text.peak { font-weight: 600; }
      .timeline .paper { fill: var(--paper); }
      """;

  /** Space above the chart for the title of the bare picture. */
  private static final int TITLE = 48;

  private MemoryTimeline() {}

  /** Writes the page, or the bare picture if the name ends in {@code .svg}; atomically. */
  public static void write(Path file, TimelineData data) {
    AtomicFile.writeText(file, file.toString().endsWith(".svg") ? svg(data) : html(data));
  }

  /** The picture alone. */
  static String svg(TimelineData data) {
    return Html.fill(
        """
        <svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 %d %d %d" width="%d" height="%d">
        <title>%s</title>
        <style>
        %s%stext { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        </style>
        <rect class="paper" y="%d" width="%d" height="%d"/>
        <text x="18" y="-24"><tspan>%s</tspan></text>
        <text class="note" x="18" y="-6">%s</text>
        %s</svg>
        """,
        -TITLE, TimelineChart.WIDTH, TimelineChart.HEIGHT + TITLE, TimelineChart.WIDTH, TimelineChart.HEIGHT + TITLE,
        Html.escape(data.title()), ReportStyle.CSS, STYLE, -TITLE, TimelineChart.WIDTH, TimelineChart.HEIGHT + TITLE,
        Html.escape(data.title()), Html.escape(data.summary()), new TimelineChart(data).content());
  }

  /** The page. */
  static String html(TimelineData data) {
    var chart = new TimelineChart(data);
    return Page.html(
        "Memory plan", data.title(), data.summary(), STYLE + ".wide { min-width: 860px; }\n",
        Html.fill(
            """
            <section><h2>Arena over time</h2>
            <p class="note">Each rectangle is a buffer: its bytes in the arena, from the first operation that needs it
            to the last. At the peak, operation %s, %s live; the arena has %s. %s</p>
            <div class="scroll"><div class="wide">
            <svg class="timeline" viewBox="0 0 %d %d" role="img" aria-label="%s">
            %s</svg></div></div></section>
            %s""",
            Figures.count(data.peak().index()), Figures.bytes(data.peak().bytes()), Figures.bytes(data.totalBytes()),
            Html.escape(chart.omissions()), TimelineChart.WIDTH, TimelineChart.HEIGHT,
            Html.escape("Arena address over program order: " + data.title()), chart.content(),
            MemorySection.html(data.categories(), data.totalBytes())));
  }
}
