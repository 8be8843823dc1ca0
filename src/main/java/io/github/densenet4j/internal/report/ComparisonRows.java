package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.MemoryComparison.Measured;
import io.github.densenet4j.internal.report.MemoryComparison.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The figures of a comparison as texts: a column a strategy. The first row and the first column are titles. */
public final class ComparisonRows {
  private static final String NONE = "–";

  private final MemoryComparison comparison;
  private final List<List<String>> rows = new ArrayList<>();

  private ComparisonRows(MemoryComparison comparison) {
    this.comparison = comparison;
  }

  /** All rows have a title and one cell a strategy. */
  public static List<List<String>> of(MemoryComparison comparison) {
    return new ComparisonRows(comparison).rows();
  }

  private List<List<String>> rows() {
    row("", Strategy::name);
    for (String category : comparison.categories()) {
      row(category, strategy -> Figures.bytes(strategy.plannedBytes().get(category)));
    }
    row("planned", strategy -> Figures.bytes(strategy.totalBytes()));
    measured("growth", measured -> Figures.bytes(measured.loadGrowthBytes()));
    row("growth beyond plan", strategy -> deviation(strategy.deviation()));
    measured("peak without JVM", measured -> Figures.bytes(measured.peakGrowthBytes()));
    measured("step", measured -> Html.fill("%.1f ms", 1e3 * measured.stepSeconds()));
    measured("images/s", measured -> Figures.significant(comparison.imagesPerSecond(measured), 4));
    String baseline = " / " + comparison.baseline();
    row("planned" + baseline, strategy -> ratio(comparison.memoryRatio(strategy)));
    row("act. + workspace" + baseline, strategy -> ratio(comparison.passingRatio(strategy)));
    row("images/s" + baseline, strategy -> ratio(comparison.speedRatio(strategy)));
    return rows;
  }

  private void row(String title, Function<Strategy, String> figure) {
    rows.add(Stream.concat(Stream.of(title), comparison.strategies().stream().map(figure)).toList());
  }

  private void measured(String title, Function<Measured, String> figure) {
    row(title, strategy -> strategy.measured().map(figure).orElse(NONE));
  }

  static String ratio(double value) {
    return Double.isNaN(value) ? NONE : Html.fill("%.3f", value);
  }

  private static String deviation(double share) {
    return Double.isNaN(share) ? NONE : Html.fill("%+.2f %%", 100 * share);
  }
}
