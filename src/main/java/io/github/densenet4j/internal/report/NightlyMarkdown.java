package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.NightlyReport.Figure;
import io.github.densenet4j.internal.report.NightlyReport.Measured;
import java.util.Locale;
import java.util.Optional;

/** A nightly report for people. */
public final class NightlyMarkdown {
  private NightlyMarkdown() {}

  /** @param baseline the report that it was compared with */
  public static String of(NightlyReport report, Optional<NightlyReport> baseline) {
    var text = new StringBuilder("# densenet4j, nightly run of " + report.time() + ": ");
    text.append(report.pass() ? "passed" : "FAILED").append("\n\n");
    row(text, "setting", "");
    row(text, "---", "---");
    report.setting().forEach((name, value) -> row(text, name, value));
    text.append("\n## Checks\n\n");
    row(text, "check", "outcome", "what was found");
    row(text, "---", "---", "---");
    report.checks().forEach(
        check -> row(text, check.name(), check.outcome().name().toLowerCase(Locale.ROOT), check.detail()));
    if (!report.figures().isEmpty()) {
      text.append("\n## Figures\n\n");
      row(text, "figure", "arithmetic", "now", "before", "of before");
      row(text, "---", "---", "---:", "---:", "---:");
      var before = baseline.filter(report::comparable);
      report.figures().forEach(figure -> row(text, figure, before));
    }
    if (!report.beside().isEmpty()) {
      text.append("\n## Programs side by side\n\n");
      row(text, "program", "arithmetic", "images/s", "memory of tensors");
      row(text, "---", "---", "---:", "---:");
      report.beside().forEach(measured -> row(text, measured));
    }
    return text.toString();
  }

  private static void row(StringBuilder text, Measured measured) {
    row(
        text, measured.program(), measured.arithmetic(), Figures.significant(measured.imagesPerSecond(), 4),
        Double.isNaN(measured.bytes()) ? "–" : Figures.bytes((long) measured.bytes()));
  }

  private static void row(StringBuilder text, Figure figure, Optional<NightlyReport> baseline) {
    var before = baseline.flatMap(report -> report.like(figure));
    row(
        text, figure.name(), figure.arithmetic(), NightlyComparison.text(figure),
        before.map(NightlyComparison::text).orElse("–"),
        before.map(earlier -> Figures.percent(figure.value() / earlier.value())).orElse("–"));
  }

  private static void row(StringBuilder text, String... cells) {
    for (String cell : cells) {
      text.append("| ").append(cell.replace("|", "\\|").replaceAll("\\R+", " ")).append(' ');
    }
    text.append("|\n");
  }
}
