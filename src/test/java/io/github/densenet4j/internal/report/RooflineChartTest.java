package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.internal.report.Roofline.Mark;
import io.github.densenet4j.internal.report.Roofline.Panel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class RooflineChartTest {
  private static final double PEAK = 400e9;
  private static final double BANDWIDTH = 50e9;

  @TempDir private Path folder;

  private static Roofline roofline(Map<String, Double> peaks, Panel... panels) {
    return new Roofline("two threads", new LinkedHashMap<>(peaks), BANDWIDTH, List.of(panels));
  }

  private static Panel panel(String title) {
    return new Panel(
        title,
        List.of(
            new Mark("conv1x1_fprop", "8x8", 20, PEAK, 0.3), new Mark("conv1x1_dgrad", "8x8", 2, 2 * BANDWIDTH, 0.3),
            new Mark("conv3x3_fprop", "8x8", 50, PEAK / 4, 0.3), new Mark("head_fprop", "1x1", 0.01, 1e8, 1e-5)));
  }

  private static double[] start(String path) {
    return Stream.of(path.substring(1).split("[a-zL]")[0].split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Test
  void everyPanelHasAMarkForEachKernelAndShape() throws Exception {
    var three = roofline(Map.of("fp32", PEAK), panel("one"), panel("two"), panel("three"));
    var svg = Markup.of(RooflineChart.alone(three));
    assertThat(svg.texts("//*[@class='name']")).containsExactly("one", "two", "three");
    assertThat(svg.texts("//*[starts-with(@class,'mark ')]")).hasSize(12);
    assertThat(svg.texts("//*[@class='roof']")).hasSize(3);
    assertThat(svg.texts("//*[starts-with(@class,'sample ')]")).as("the legend").hasSize(4);
    assertThat(svg.texts("//*[starts-with(@class,'mark ')]/*[local-name()='title']"))
        .contains("conv3x3_fprop, 8x8: 100.0 GFLOP/s, 50.00 FLOP/byte, 30.00 % of the step");
  }

  /** Circles, whose path begins at their left end: those of the first family. */
  @Test
  void marksLieWhereTheirValuesAre() throws Exception {
    var svg = Markup.of(RooflineChart.alone(roofline(Map.of("fp32", PEAK), panel("one"))));
    String[] roof = svg.texts("//*[@class='roof']/@d").getFirst().substring(1).split("[ LH]");
    var onPeak = start(svg.texts("//*[starts-with(@class,'mark ')][contains(.,'conv1x1_fprop')]/@d").getFirst());
    assertThat(onPeak[1]).as("at the height of the peak").isEqualTo(Double.parseDouble(roof[3]));
    assertThat(onPeak[0]).as("right of the ridge").isGreaterThan(Double.parseDouble(roof[2]));
    double x0 = Double.parseDouble(roof[0]);
    double y0 = Double.parseDouble(roof[1]);
    double slope = (Double.parseDouble(roof[3]) - y0) / (Double.parseDouble(roof[2]) - x0);
    var onSlope = start(svg.texts("//*[starts-with(@class,'mark ')][contains(.,'conv1x1_dgrad')]/@d").getFirst());
    double radius = 12; // the largest, as of all marks with a third of the step
    // Five coordinates rounded to 0.1 each, and a slope of about one.
    assertThat(y0 + slope * (onSlope[0] + radius - x0)).isBetween(onSlope[1] - 0.3, onSlope[1] + 0.3);
  }

  @Test
  void whatTakesNoTimeStaysOnTheEdge() throws Exception {
    var svg = Markup.of(RooflineChart.alone(roofline(Map.of("fp32", PEAK), panel("one"))));
    double lowest = svg.numbers("//*[@class='tick'][not(contains(.,'grad') or contains(.,'prop'))]")[0];
    assertThat(lowest).as("the axis beside a mark at 0.01 FLOP/byte").isEqualTo(2);
    String left = svg.texts("//*[@class='grid']/@d").getFirst().substring(1).split(" ")[0];
    var head = start(svg.texts("//*[starts-with(@class,'mark ')][contains(.,'head_fprop')]/@d").getFirst());
    assertThat(head[0]).as("the upper corner of a triangle").isEqualTo(Double.parseDouble(left));
  }

  @Test
  void titleAndRoofsAreTheMeasuredCeiling() throws Exception {
    var peaks = new LinkedHashMap<String, Double>();
    peaks.put("fp32", PEAK);
    peaks.put("bf16", 2 * PEAK);
    var svg = Markup.of(RooflineChart.alone(roofline(peaks, panel("one"))));
    assertThat(svg.texts("//*[@class='soft end']"))
        .contains("measured ceiling: fp32 400 GFLOP/s, bf16 800 GFLOP/s, copy 50 GB/s", "fp32", "bf16");
    assertThat(svg.texts("//*[@class='roof']")).hasSize(2);
  }

  @Test
  void kernelsThatAllTakeNoTimeHaveAPictureToo() throws Exception {
    var one = new Panel("one", List.of(new Mark("head_fprop", "", 1, 1e9, 0)));
    String svg = RooflineChart.alone(roofline(Map.of("fp32", PEAK), one, new Panel("none", List.of())));
    assertThat(svg).doesNotContain("NaN", "Infinity");
    assertThat(Markup.of(svg).texts("//*[starts-with(@class,'mark ')]")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<script>_</script>", "\" onload=\"x_y", "a&b_;'", "100 % %s_%n"})
  void textsAreEscaped(String evil) throws Exception {
    var panel = new Panel(evil, List.of(new Mark(evil, evil, 1, 1e9, 0.5)));
    var peaks = new LinkedHashMap<>(Map.of(evil, PEAK));
    var svg = Markup.of(RooflineChart.alone(new Roofline(evil, peaks, BANDWIDTH, List.of(panel))));
    assertThat(svg.texts("//*[@class='name']")).containsExactly(evil);
    assertThat(svg.texts("//*[local-name()='script']")).isEmpty();
  }

  @Test
  void theSameInputGivesTheSameFileInEveryLocale() {
    var roofline = roofline(Map.of("fp32", PEAK), panel("one"));
    var before = Locale.getDefault();
    String svg = RooflineChart.alone(roofline);
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      RooflineChart.write(folder.resolve("roofline.svg"), roofline);
    } finally {
      Locale.setDefault(before);
    }
    assertThat(folder.resolve("roofline.svg")).content().isEqualTo(svg);
  }

  @Test
  void whatCannotBeDrawnIsRefused() {
    assertThatThrownBy(() -> roofline(Map.of(), panel("one"))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> roofline(Map.of("fp32", PEAK))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Mark("a_b", "", 0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Mark("a_b", "", 1, Double.NaN, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Mark("ab", "", 1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
