package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.NightlyReport.Check;
import io.github.densenet4j.internal.report.NightlyReport.Figure;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import io.github.densenet4j.internal.report.NightlyReport.Quantity;
import java.util.List;
import java.util.Optional;

/**
 * A report beside an earlier one.
 *
 * @param margins how much worse a figure may be
 */
public record NightlyComparison(NightlyReport baseline, NightlyReport report, Margins margins) {
  private static final String NAME = "comparison";

  /** As shares of the earlier figure. */
  public record Margins(double speed, double memory) {
    double of(Quantity quantity) {
      return quantity == Quantity.SPEED ? speed : memory;
    }

    private String text() {
      return Figures.percent(speed) + " of speed, " + Figures.percent(memory) + " of memory";
    }
  }

  /** The check that nothing has become worse. Without a baseline, and beside one of another setting, it is skipped. */
  public static Check check(Optional<NightlyReport> baseline, NightlyReport report, Margins margins) {
    if (baseline.isEmpty()) {
      return new Check(NAME, Outcome.SKIPPED, "there is no earlier report that passed");
    }
    var comparison = new NightlyComparison(baseline.get(), report, margins);
    if (!report.comparable(baseline.get())) {
      return new Check(
          NAME, Outcome.SKIPPED,
          "the report of " + baseline.get().time() + " is of another setting, " + baseline.get().setting());
    }
    var regressions = comparison.regressions();
    return regressions.isEmpty()
        ? new Check(
            NAME, Outcome.PASS,
            "no figure is worse than on " + baseline.get().time() + " by more than " + margins.text())
        : new Check(
            NAME, Outcome.FAIL, "worse than on " + baseline.get().time() + ": " + String.join("; ", regressions));
  }

  /** What has become worse, a phrase for each figure. */
  List<String> regressions() {
    return baseline.figures().stream()
        .filter(figure -> figure.quantity() != Quantity.BESIDES)
        .map(this::regression)
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<String> regression(Figure before) {
    var now = report.like(before);
    if (now.isEmpty()) {
      return Optional.of(before.title() + " is not measured any more");
    }
    double ratio = now.get().value() / before.value();
    double margin = margins.of(before.quantity());
    boolean fine = before.quantity() == Quantity.SPEED ? ratio >= 1 - margin : ratio <= 1 + margin;
    return fine
        ? Optional.empty()
        : Optional.of(before.title() + " is " + text(now.get()) + ", it was " + text(before) + " ("
                + Figures.percent(ratio) + " of it)");
  }

  static String text(Figure figure) {
    return figure.quantity() == Quantity.SPEED
        ? Figures.significant(figure.value(), 4) + " " + figure.quantity().unit()
        : Figures.bytes((long) figure.value());
  }
}
