package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.MemoryComparison.Strategy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The memory and the speed of models by strategy as one HTML file. */
public final class MemoryReport {
  private static final int COLOURS = 6;

  /** The smallest share of the longest bar whose part has room for its name. */
  private static final double LABELLED_SHARE = 0.12;

  private final MemoryComparison comparison;
  private final StringBuilder html = new StringBuilder();

  private MemoryReport(MemoryComparison comparison) {
    this.comparison = comparison;
  }

  /** Writes the report, atomically. */
  public static void write(Path file, List<MemoryComparison> comparisons) {
    AtomicFile.writeText(file, html(comparisons));
  }

  /** The text of the report on at least one model. */
  public static String html(List<MemoryComparison> comparisons) {
    String models = comparisons.stream().map(MemoryComparison::model).collect(Collectors.joining(", "));
    return Page.html(
        "Memory by strategy", models, "Training, " + comparisons.getFirst().setting() + ".",
        StrategyStyle.CHART + StrategyStyle.PAGE,
        comparisons.stream().map(one -> new MemoryReport(one).section()).collect(Collectors.joining()));
  }

  private String section() {
    append("<section><h2>%s</h2>\n", Html.escape(comparison.model()));
    append("<p class=\"note\">Memory by category as planned before anything is allocated. Growth is what a process of "
        + "its own held more after loading the network and its first step.</p>\n");
    legend();
    memoryBars();
    if (comparison.strategies().stream().anyMatch(strategy -> strategy.measured().isPresent())) {
      html.append("<h3>Images per second</h3>\n");
      speedBars();
    }
    for (var strategy : comparison.strategies()) {
      strategy.refusal().ifPresent(sentence ->
          append("<p class=\"note refusal\"><b>%s</b> was not run: %s.</p>\n",
              Html.escape(strategy.name()), Html.escape(sentence)));
    }
    html.append(FigureTable.html(ComparisonRows.of(comparison)));
    return html.append("</section>\n").toString();
  }

  private void legend() {
    html.append("<div class=\"legend\">");
    int colour = 0;
    for (String category : comparison.categories()) {
      append("<span><span class=\"key m%d\"></span>%s</span>", colour++ % COLOURS, Html.escape(category));
    }
    html.append("<span><span class=\"line\"></span>measured growth</span></div>\n");
  }

  private void memoryBars() {
    double longest = comparison.strategies().stream()
        .mapToLong(s -> Math.max(s.totalBytes(), s.measured().map(m -> m.loadGrowthBytes()).orElse(0L)))
        .max()
        .orElseThrow();
    html.append("<div class=\"bars planned\">\n");
    for (var strategy : comparison.strategies()) {
      append("<span class=\"name\">%s</span><span class=\"track\"><span class=\"memory\" style=\"width:%.2f%%\">",
          Html.escape(strategy.name()), 100 * strategy.totalBytes() / longest);
      parts(strategy, longest);
      html.append("</span>");
      strategy.measured().ifPresent(measured ->
          append("<span class=\"mark\" style=\"left:%.2f%%\" title=\"measured growth: %s\"></span>",
              100 * measured.loadGrowthBytes() / longest, Figures.bytes(measured.loadGrowthBytes())));
      append("</span><span class=\"size\">%s</span>\n", Figures.bytes(strategy.totalBytes()));
    }
    html.append("</div>\n");
  }

  private void parts(Strategy strategy, double longest) {
    int colour = 0;
    for (Map.Entry<String, Long> part : strategy.plannedBytes().entrySet()) {
      String name = Html.escape(part.getKey());
      if (part.getValue() > 0) {
        append("<span class=\"m%d\" style=\"flex-grow:%d\" title=\"%s: %s\">%s</span>",
            colour % COLOURS, part.getValue(), name, Figures.bytes(part.getValue()),
            part.getValue() >= LABELLED_SHARE * longest ? name : "");
      }
      colour++;
    }
  }

  private void speedBars() {
    double fastest = comparison.strategies().stream()
        .flatMap(strategy -> strategy.measured().stream())
        .mapToDouble(comparison::imagesPerSecond)
        .max()
        .orElseThrow();
    html.append("<div class=\"bars speed\">\n");
    for (var strategy : comparison.strategies()) {
      double speed = strategy.measured().map(comparison::imagesPerSecond).orElse(0.0);
      append("<span class=\"name\">%s</span><span class=\"track\"><span class=\"rate\" style=\"width:%.2f%%\"></span>"
              + "</span><span class=\"size\">%s</span>\n",
          Html.escape(strategy.name()), 100 * speed / fastest,
          strategy.measured().isPresent() ? Figures.significant(speed, 4) : "does not fit");
    }
    html.append("</div>\n");
  }

  private void append(String template, Object... arguments) {
    html.append(Html.fill(template, arguments));
  }
}
