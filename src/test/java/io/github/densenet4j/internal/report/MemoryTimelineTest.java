package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.error.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class MemoryTimelineTest {
  private static final long MIB = 1 << 20;
  private static final String RECTANGLES = "//*[@class='buffers']/*[local-name()='rect']";

  /** An arena of 10 MiB over 10 operations, full at operation 4. */
  private static final TimelineData DATA = data("a & b <c>");

  private static TimelineData data(String title) {
    var categories = new LinkedHashMap<String, Long>();
    categories.put("parameters", 2 * MIB);
    categories.put("activations", 7 * MIB);
    categories.put("workspace", MIB);
    return new TimelineData(
        title, "A summary.", 10 * MIB, categories,
        List.of(
            new TimelineData.Rectangle("weights", "parameters", 0, 2 * MIB, 0, 9),
            new TimelineData.Rectangle("features", "activations", 2 * MIB, 4 * MIB, 0, 4),
            new TimelineData.Rectangle("gradient", "activations", 6 * MIB, 3 * MIB, 4, 8),
            new TimelineData.Rectangle("tiny", "activations", 9 * MIB, 64, 3, 3),
            new TimelineData.Rectangle("scratch \"x\"", "workspace", 9 * MIB, MIB, 4, 4)),
        List.of(
            new TimelineData.Span("forward", 4), new TimelineData.Span("backward", 4),
            new TimelineData.Span("update", 1), new TimelineData.Span("infer", 1)),
        new TimelineData.Peak(4, "conv_dgrad of block 1, backward", 10 * MIB));
  }

  private static String text(String kind, TimelineData data) {
    return kind.equals("svg") ? MemoryTimeline.svg(data) : MemoryTimeline.html(data);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svg", "html"})
  void everyVisibleBufferIsARectangleAtItsPlace(String kind) throws Exception {
    var page = Markup.of(text(kind, DATA));
    double[] x = page.numbers(RECTANGLES + "/@x");
    double[] y = page.numbers(RECTANGLES + "/@y");
    double[] width = page.numbers(RECTANGLES + "/@width");
    double[] height = page.numbers(RECTANGLES + "/@height");
    // By address: weights, features, gradient, scratch; the tiny one is left out.
    assertThat(x).hasSize(4);
    double operation = width[0] / 10;
    double mebibyte = height[0] / 2;
    double bottom = y[0] + height[0];
    assertRectangle(1, x, y, width, height, x[0], bottom - 6 * mebibyte, 5 * operation, 4 * mebibyte);
    assertRectangle(2, x, y, width, height, x[0] + 4 * operation, bottom - 9 * mebibyte, 5 * operation, 3 * mebibyte);
    assertRectangle(3, x, y, width, height, x[0] + 4 * operation, bottom - 10 * mebibyte, operation, mebibyte);
    assertThat(page.texts(RECTANGLES + "/@class"))
        .extracting(c -> c.substring(0, 2))
        .containsExactly("m0", "m1", "m1", "m2");
    assertThat(page.texts(RECTANGLES))
        .containsExactly(
            "weights: 2.0 MiB at 0 B, operations 0 to 9, parameters",
            "features: 4.0 MiB at 2.0 MiB, operations 0 to 4, activations",
            "gradient: 3.0 MiB at 6.0 MiB, operations 4 to 8, activations",
            "scratch \"x\": 1.0 MiB at 9.0 MiB, operation 4, workspace");
  }

  private static void assertRectangle(
      int i, double[] x, double[] y, double[] width, double[] height, double... expected) {
    var hundredth = within(0.02); // coordinates have two decimals
    assertThat(x[i]).isCloseTo(expected[0], hundredth);
    assertThat(y[i]).isCloseTo(expected[1], hundredth);
    assertThat(width[i]).isCloseTo(expected[2], hundredth);
    assertThat(height[i]).isCloseTo(expected[3], hundredth);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svg", "html"})
  void phasesPeakAxesAndTotalsAreNamed(String kind) throws Exception {
    var page = Markup.of(text(kind, DATA));
    var texts = page.texts("//*[local-name()='svg']//*[local-name()='text']");
    assertThat(texts)
        .contains("forward", "backward", "update", "infer")
        .contains("peak: 10.0 MiB, conv_dgrad of block 1, backward")
        .contains("arena address, MiB", "operations, in the order of the program")
        .contains("parameters 2.0 MiB", "activations 7.0 MiB", "workspace 1.0 MiB");
    var peak = page.texts("//*[local-name()='path'][@class='peak']/@d").getFirst();
    double[] x = page.numbers(RECTANGLES + "/@x");
    double[] width = page.numbers(RECTANGLES + "/@width");
    assertThat(Double.parseDouble(peak.substring(1, peak.indexOf(' '))))
        .isBetween(x[3], x[3] + width[3]); // scratch memory lives at the peak only
    var marks = page.texts("//*[local-name()='path'][@class='phase']/@d");
    assertThat(marks).hasSize(4);
    assertThat(Double.parseDouble(marks.get(1).substring(1, marks.get(1).indexOf(' '))))
        .isCloseTo(x[3], within(0.02));
  }

  @Test
  void thePageSaysWhatItLeavesOutAndHasTheTable() {
    assertThat(MemoryTimeline.html(DATA))
        .contains("too small to be seen are left out: 1 of 5, 64 B together.")
        .contains("Planned before training", "a &amp; b &lt;c&gt;")
        .doesNotContain("http:", "https:", "<script", "a & b");
    var all = new ArrayList<>(DATA.buffers());
    all.remove(3);
    var whole =
        new TimelineData(
            DATA.title(), DATA.summary(), DATA.totalBytes(), DATA.categories(), all, DATA.phases(), DATA.peak());
    assertThat(MemoryTimeline.html(whole)).doesNotContain("left out");
  }

  @Test
  void aPhaseWithoutOperationsHasNoMark() throws Exception {
    var inference =
        new TimelineData(
            DATA.title(), DATA.summary(), DATA.totalBytes(), DATA.categories(), DATA.buffers(),
            List.of(new TimelineData.Span("forward", 0), new TimelineData.Span("infer", 10)), DATA.peak());
    assertThat(Markup.of(MemoryTimeline.svg(inference)).texts("//*[local-name()='text'][contains(@class,'phase')]"))
        .containsExactly("infer");
  }

  @Test
  void theNameOfTheFileChoosesPageOrPicture(@TempDir Path folder) throws Exception {
    var page = folder.resolve("plan.html");
    var picture = folder.resolve("plan.svg");
    MemoryTimeline.write(page, DATA);
    MemoryTimeline.write(picture, DATA);
    assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>");
    assertThat(Files.readString(picture)).startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    assertThatThrownBy(() -> MemoryTimeline.write(folder.resolve("none").resolve("plan.html"), DATA))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("does not exist");
  }
}
