package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.internal.report.MemoryByDepth.Curve;
import io.github.densenet4j.internal.report.MemoryByDepth.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class DepthReportTest {
  private static final long GIB = 1L << 30;
  private static final long[] NAIVE = {GIB / 2, 3 * GIB, 37 * GIB};
  private static final long[] FUSED = {GIB / 8, GIB / 3, 3 * GIB / 2};
  private static final int[] DEPTHS = {40, 100, 400};

  @TempDir private Path folder;

  /** A curve whose points up to 4 GiB were measured and found 1 % larger. */
  private static Curve curve(String name, double exponent, long[] bytes, boolean measure) {
    var points = new ArrayList<Point>();
    for (int i = 0; i < bytes.length; i++) {
      boolean fits = bytes[i] <= 4 * GIB;
      Optional<Long> measured = measure && fits ? Optional.of(bytes[i] + bytes[i] / 100) : Optional.empty();
      Optional<String> refusal = measure && !fits ? Optional.of("too much") : Optional.empty();
      points.add(new Point(DEPTHS[i], bytes[i], bytes[i] - 1000, measured, refusal));
    }
    return new Curve(name, exponent, points);
  }

  private static MemoryByDepth memory(boolean measure) {
    return new MemoryByDepth(
        "DenseNet-BC, k = 12", "batch of 64",
        List.of(curve("naive", 1.8249, NAIVE, measure), curve("fused", Double.NaN, FUSED, measure)));
  }

  @ParameterizedTest
  @CsvSource({"linear, false", "linear, true", "logarithmic, false", "logarithmic, true"})
  void pointsLieWhereTheirValuesAre(String panel, boolean measure) throws Exception {
    var svg = Markup.of(DepthChart.alone(memory(measure)));
    String root = "//*[@class='" + panel + "']";
    boolean logarithmic = panel.equals("logarithmic");
    var x = scale(svg, root + "//*[@class='tick']", "x", logarithmic);
    // A tick's label is centred on its line, 4 units above the foot of the text.
    var y = scale(svg, root + "//*[@class='tick y']", "y", logarithmic).andThen(position -> position - 4);
    check(svg, root + "/*[@class='s0']", x, y, NAIVE, measure ? 2 : 0);
    check(svg, root + "/*[@class='s1']", x, y, FUSED, measure ? 3 : 0);
  }

  private static void check(
      Markup svg, String curve, DoubleUnaryOperator x, DoubleUnaryOperator y, long[] bytes, int measured)
      throws Exception {
    var rounding = within(0.11); // coordinates have one decimal, and so have the ticks
    double[] xs = svg.numbers(curve + "//*[@class='planned']/@cx");
    double[] ys = svg.numbers(curve + "//*[@class='planned']/@cy");
    assertThat(xs).hasSize(bytes.length);
    var path = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      assertThat(xs[i]).isCloseTo(x.applyAsDouble(DEPTHS[i]), rounding);
      assertThat(ys[i]).isCloseTo(y.applyAsDouble((double) bytes[i] / GIB), rounding);
      path.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : "L", xs[i], ys[i]));
    }
    assertThat(svg.texts(curve + "/*[@class='curve']/@d")).containsExactly(path.toString());
    double[] rings = svg.numbers(curve + "//*[@class='measured']/@cy");
    assertThat(rings).hasSize(measured);
    for (int i = 0; i < measured; i++) {
      assertThat(rings[i]).isCloseTo(y.applyAsDouble(1.01 * bytes[i] / GIB), rounding);
    }
  }

  /** The scale that the first and last tick of an axis define. */
  private static DoubleUnaryOperator scale(Markup svg, String ticks, String coordinate, boolean logarithmic)
      throws Exception {
    double[] values = svg.numbers(ticks);
    double[] positions = svg.numbers(ticks + "/@" + coordinate);
    int last = values.length - 1;
    assertThat(values[last]).isGreaterThan(values[0]);
    DoubleUnaryOperator measure = logarithmic ? Math::log : value -> value;
    double low = measure.applyAsDouble(values[0]);
    double high = measure.applyAsDouble(values[last]);
    return value ->
        positions[0] + (measure.applyAsDouble(value) - low) / (high - low) * (positions[last] - positions[0]);
  }

  @Test
  void theLegendHasTheExponents() throws Exception {
    var svg = Markup.of(DepthChart.alone(memory(false)));
    assertThat(svg.texts("//*[@class='linear']/*[starts-with(@class,'entry')]"))
        .containsExactly("naiveL1.82", "fusedL–");
  }

  @Test
  void pointsCarryTheirValues() throws Exception {
    var svg = Markup.of(DepthChart.alone(memory(true)));
    assertThat(svg.texts("//*[@class='linear']/*[@class='s0']/*/*[local-name()='title']"))
        .containsExactly(
            "naive, L = 40: 512.0 MiB planned, 517.1 MiB measured", "naive, L = 100: 3.0 GiB planned, 3.0 GiB measured",
            "naive, L = 400: 37.0 GiB planned");
  }

  @Test
  void thePageHasBothPanelsAndEveryFigure() throws Exception {
    String html = DepthReport.html(memory(true));
    var page = Markup.of(html);
    assertThat(page.texts("//h1")).containsExactly("DenseNet-BC, k = 12");
    assertThat(page.texts("//h2")).containsExactly("Linear", "Logarithmic");
    assertThat(page.texts("//*[@class='chart depth']")).hasSize(2);
    assertThat(page.texts("//table//tr"))
        .containsExactly(
            "naivefused", "L = 40512.0 MiB128.0 MiB", "L = 1003.0 GiB341.3 MiB", "L = 40037.0 GiB1.5 GiB",
            "L = 40, measured517.1 MiB129.3 MiB", "L = 100, measured3.0 GiB344.7 MiB",
            "L = 400, measureddoes not fit1.5 GiB", "growth exponent1.82–");
    assertThat(html).contains("default-src 'none'").doesNotContainPattern("https?:|src=|href=|<script|@import|url\\(");
  }

  @Test
  void withoutMeasurementsNothingSpeaksOfThem() throws Exception {
    var page = Markup.of(DepthReport.html(memory(false)));
    assertThat(page.texts("//main").getFirst()).doesNotContain("measured", "circle", "does not fit");
  }

  @Test
  void aSingleSmallNetworkHasAPictureToo() throws Exception {
    var point = new Point(10, 5 << 20, 4 << 20, Optional.empty(), Optional.empty());
    var memory = new MemoryByDepth("one", "", List.of(new Curve("fused", Double.NaN, List.of(point))));
    String svg = DepthChart.alone(memory);
    assertThat(svg).doesNotContain("NaN", "Infinity").contains(">MiB<");
    assertThat(Markup.of(svg).texts("//*[@class='planned']")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<script>alert(1)</script>", "\" onload=\"x", "a&b;'", "100 % %s %n"})
  void textsAreEscaped(String evil) throws Exception {
    var memory = new MemoryByDepth(evil, evil, List.of(curve(evil, 1, FUSED, true)));
    var page = Markup.of(DepthReport.html(memory));
    assertThat(page.texts("//h1")).containsExactly(evil);
    assertThat(page.texts("//script")).isEmpty();
    assertThat(Markup.of(DepthChart.alone(memory)).texts("//*[@class='title']"))
        .containsExactly("Memory against depth: " + evil);
  }

  @Test
  void theSameInputGivesTheSameFilesInEveryLocale() {
    var before = Locale.getDefault();
    String html = DepthReport.html(memory(true));
    String svg = DepthChart.alone(memory(true));
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      DepthReport.write(folder.resolve("depth.html"), memory(true));
      DepthChart.write(folder.resolve("depth.svg"), memory(true));
    } finally {
      Locale.setDefault(before);
    }
    assertThat(folder.resolve("depth.html")).content().isEqualTo(html);
    assertThat(folder.resolve("depth.svg")).content().isEqualTo(svg);
  }

  @Test
  void curvesOfDifferentDepthsAreRefused() {
    var other = new Curve("other", 1, curve("", 1, FUSED, false).points().subList(0, 2));
    var curves = List.of(curve("naive", 1, NAIVE, false), other);
    assertThatThrownBy(() -> new MemoryByDepth("", "", curves)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MemoryByDepth("", "", List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
