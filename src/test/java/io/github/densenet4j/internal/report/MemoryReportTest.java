package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.internal.report.MemoryComparison.Measured;
import io.github.densenet4j.internal.report.MemoryComparison.Strategy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class MemoryReportTest {
  private static final long MIB = 1 << 20;

  private static final Strategy NAIVE = strategy("naive", 20, 760, 20, new Measured(808 * MIB, 812 * MIB, 2));
  private static final Strategy FUSED = strategy("fused", 20, 150, 30, new Measured(199 * MIB, 201 * MIB, 1.6));
  private static final Strategy SHARED =
      new Strategy(
          "a & b", strategy("", 20, 300, 80, null).plannedBytes(), Optional.empty(), Optional.of("it <is> much"));

  @TempDir private Path folder;

  private static Strategy strategy(String name, long parameters, long activations, long workspace, Measured measured) {
    var bytes = new LinkedHashMap<String, Long>();
    bytes.put("parameters", parameters * MIB);
    bytes.put("activations", activations * MIB);
    bytes.put("workspace", workspace * MIB);
    bytes.put("staging", 0L);
    return new Strategy(name, bytes, Optional.ofNullable(measured), Optional.empty());
  }

  private static MemoryComparison comparison(Strategy... strategies) {
    return new MemoryComparison("bc-100-12", "batch of 64", 64, "naive", List.of(strategies));
  }

  @Test
  void ratiosAreThoseToTheBaseline() {
    var comparison = comparison(NAIVE, SHARED, FUSED);
    assertThat(comparison.memoryRatio(FUSED)).isEqualTo(0.25);
    assertThat(comparison.passingRatio(FUSED)).isCloseTo(180.0 / 780, within(1e-15));
    assertThat(comparison.speedRatio(FUSED)).isEqualTo(1.25);
    assertThat(comparison.memoryRatio(SHARED)).isEqualTo(0.5);
    assertThat(comparison.speedRatio(SHARED)).isNaN();
    assertThat(FUSED.deviation()).isCloseTo(-0.005, within(1e-15));
    assertThat(SHARED.deviation()).isNaN();
    assertThat(comparison(FUSED).memoryRatio(FUSED)).isNaN();
    assertThat(comparison(FUSED).speedRatio(FUSED)).isNaN();
  }

  @Test
  void tableHasEveryFigure() throws Exception {
    var page = Markup.of(MemoryReport.html(List.of(comparison(NAIVE, SHARED, FUSED))));
    assertThat(page.texts("//table//tr"))
        .containsExactly(
            "naivea & bfused", "parameters20.0 MiB20.0 MiB20.0 MiB", "activations760.0 MiB300.0 MiB150.0 MiB",
            "workspace20.0 MiB80.0 MiB30.0 MiB", "staging0 B0 B0 B", "planned800.0 MiB400.0 MiB200.0 MiB",
            "growth808.0 MiB–199.0 MiB", "growth beyond plan+1.00 %–-0.50 %", "peak without JVM812.0 MiB–201.0 MiB",
            "step2000.0 ms–1600.0 ms", "images/s32–40", "planned / naive1.0000.5000.250",
            "act. + workspace / naive1.0000.4870.231", "images/s / naive1.000–1.250");
    assertThat(page.texts("//p[@class='note refusal']")).containsExactly("a & b was not run: it <is> much.");
  }

  @Test
  void barsAreAsLongAsTheirFigures() throws Exception {
    var page = Markup.of(MemoryReport.html(List.of(comparison(NAIVE, SHARED, FUSED))));
    String planned = "//div[@class='bars planned']";
    assertThat(page.texts(planned + "//*[@class='memory']/@style"))
        .as("of the longest figure, which is measured")
        .containsExactly("width:99.01%", "width:49.50%", "width:24.75%");
    assertThat(page.texts(planned + "//*[@class='mark']/@style")).containsExactly("left:100.00%", "left:24.63%");
    assertThat(page.texts("(" + planned + "//*[@class='memory'])[1]/*/@style"))
        .containsExactly("flex-grow:" + 20 * MIB, "flex-grow:" + 760 * MIB, "flex-grow:" + 20 * MIB);
    assertThat(page.texts("(" + planned + "//*[@class='memory'])[1]/*/@title"))
        .containsExactly("parameters: 20.0 MiB", "activations: 760.0 MiB", "workspace: 20.0 MiB");
    assertThat(page.texts("//*[@class='rate']/@style"))
        .containsExactly("width:80.00%", "width:0.00%", "width:100.00%");
    assertThat(page.texts("//div[@class='bars speed']/*[@class='size']")).containsExactly("32", "does not fit", "40");
  }

  @Test
  void nothingMeasuredMeansNoSpeeds() throws Exception {
    var page = Markup.of(MemoryReport.html(List.of(comparison(SHARED))));
    assertThat(page.texts("//h3")).isEmpty();
    assertThat(page.texts("//*[@class='mark']")).isEmpty();
  }

  @Test
  void severalModelsAreSectionsOfOneFileThatNeedsNothingElse() throws Exception {
    var other = new MemoryComparison("bc-40-12", "batch of 64", 64, "naive", List.of(FUSED));
    Path file = folder.resolve("memory.html");
    MemoryReport.write(file, List.of(comparison(NAIVE), other));
    assertThat(file).content().isEqualTo(MemoryReport.html(List.of(comparison(NAIVE), other)));
    String html = Files.readString(file);
    assertThat(Markup.of(html).texts("//h1")).containsExactly("bc-100-12, bc-40-12");
    assertThat(Markup.of(html).texts("//section/h2")).containsExactly("bc-100-12", "bc-40-12");
    assertThat(html).contains("default-src 'none'").doesNotContainPattern("https?:|src=|href=|<script|@import|url\\(");
  }
}
