package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport.Check;
import io.github.densenet4j.internal.report.NightlyReport.Figure;
import io.github.densenet4j.internal.report.NightlyReport.Measured;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import io.github.densenet4j.internal.report.NightlyReport.Quantity;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class NightlyComparisonTest {
  private static final NightlyComparison.Margins MARGINS = new NightlyComparison.Margins(0.1, 0.01);

  @TempDir private Path folder;

  private static NightlyReport report(String gpu, Figure... figures) {
    return new NightlyReport(
        "2026-01-31T02:00:00Z", new LinkedHashMap<>(Map.of("gpu", gpu)),
        List.of(new Check("doctor", Outcome.PASS, "cuda: ready")), List.of(figures),
        List.of(new Measured("PyTorch 9, eager", "bf16", 12.25, Double.NaN)));
  }

  private static Check compared(NightlyReport before, NightlyReport now) {
    return NightlyComparison.check(Optional.of(before), now, MARGINS);
  }

  private static Figure speed(double value) {
    return new Figure("speed of fused", "bf16", Quantity.SPEED, value);
  }

  private static Figure memory(double value) {
    return new Figure("memory of fused", "bf16", Quantity.MEMORY, value);
  }

  @Test
  void marginsAreAllowedAndNoMore() {
    var before = report("L4", speed(1000), memory(1e6));
    assertThat(compared(before, report("L4", speed(900), memory(1.01e6))).outcome()).isEqualTo(Outcome.PASS);
    assertThat(compared(before, report("L4", speed(5000), memory(1))).outcome()).isEqualTo(Outcome.PASS);
    assertThat(compared(before, report("L4", speed(899), memory(1e6))).detail())
        .contains("speed of fused, bf16 is 899 images/s, it was 1000 images/s (89.90 % of it)")
        .doesNotContain("memory");
    assertThat(compared(before, report("L4", speed(1000), memory(1.02e6))).detail()).contains("memory of fused, bf16 is ");
  }

  @Test
  void aFigureThatIsLostOrNoNumberIsARegression() {
    var before = report("L4", speed(1000));
    assertThat(compared(before, report("L4")).detail()).contains("speed of fused, bf16 is not measured any more");
    assertThat(compared(before, report("L4", speed(Double.NaN))).outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void anotherArithmeticIsAnotherFigureAndWhatDriversTakeIsNone() {
    var inFloat32 = new Figure("speed of fused", "fp32", Quantity.SPEED, 1000);
    assertThat(compared(report("L4", inFloat32), report("L4", speed(1000))).detail())
        .contains("speed of fused, fp32 is not measured any more");
    var little = new Figure("memory besides the plan of fused", "bf16", Quantity.BESIDES, 1e6);
    var much = new Figure("memory besides the plan of fused", "bf16", Quantity.BESIDES, 1e9);
    assertThat(compared(report("L4", little), report("L4", much)).outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void onlyTheSameIsCompared() {
    var before = report("L4", speed(1000));
    assertThat(compared(before, report("H100", speed(1))).outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(NightlyComparison.check(Optional.empty(), before, MARGINS).outcome()).isEqualTo(Outcome.SKIPPED);
  }

  @Test
  void aReportIsReadAsItWasWritten() {
    var written = report("L4", speed(1000.5), memory(1 << 20)).with(new Check("bench", Outcome.FAIL, "a | b"));
    Json.write(folder.resolve("report.json"), written.object());
    var read = NightlyReport.read(folder.resolve("report.json"));
    assertThat(read).isEqualTo(written);
    assertThat(read.pass()).isFalse();
    assertThat(NightlyMarkdown.of(read, Optional.of(report("L4", speed(2001)))))
        .startsWith("# densenet4j, nightly run of 2026-01-31T02:00:00Z: FAILED")
        .contains("| bench | fail | a \\| b |", "| speed of fused | bf16 | 1001 images/s | 2001 images/s | 50.00 % |")
        .contains("| memory of fused | bf16 | 1.0 MiB | – | – |", "| PyTorch 9, eager | bf16 | 12.25 | – |");
  }
}
