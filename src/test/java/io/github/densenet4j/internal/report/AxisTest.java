package io.github.densenet4j.internal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class AxisTest {
  @ParameterizedTest
  @CsvSource({
    "0, 2.3, 0.0 0.5 1.0 1.5 2.0 2.5",
    "0, 0.1, 0.00 0.02 0.04 0.06 0.08 0.10",
    "0, 0, 0.0 0.2 0.4 0.6 0.8 1.0",
    "0, 53, 0 20 40 60",
    "0, 1e6, 0 200000 400000 600000 800000 1000000",
    "-1.2, 1, -1.5 -1.0 -0.5 0.0 0.5 1.0",
  })
  void linearTicksAreRoundAndCoverTheRange(double min, double max, String labels) {
    assertThat(labels(Axis.linear(min, max))).containsExactly(labels.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "0.31, 0.99, 20 40 60 80 100",
    "0.925, 0.941, 92.5 93.0 93.5 94.0 94.5",
    "1, 1, 99.0 99.2 99.4 99.6 99.8 100.0",
    "0, 0, 0.0 0.2 0.4 0.6 0.8 1.0",
  })
  void sharesStayWithinTheirLimits(double min, double max, String labels) {
    var axis = Axis.shares(min, max);
    assertThat(labels(axis)).containsExactly(labels.replaceAll("([0-9.]+) ?", "$1 %;").split(";"));
    assertThat(axis.position(min)).isBetween(0.0, 1.0);
    assertThat(axis.position(max)).isBetween(0.0, 1.0);
  }

  @Test
  void logarithmicTicksArePowersOfTen() {
    var axis = Axis.logarithmic(0.001, 0.1);
    assertThat(labels(axis)).containsExactly("0.001", "0.01", "0.1");
    assertThat(axis.position(0.01)).isCloseTo(0.5, within(1e-12));
    assertThat(labels(Axis.logarithmic(0.1, 0.1))).containsExactly("0.1", "1");
  }

  @ParameterizedTest
  @CsvSource({
    "0.07, 37, 0.05 0.1 0.2 0.5 1 2 5 10 20 50",
    "1, 10, 1 2 5 10",
    "1.01, 9.9, 1 2 5 10",
    "3, 3, 2 5",
    "5, 5, 5 10",
    "950, 1000, 500 1000",
  })
  void fineLogarithmicTicksAreTheNearestAround(double min, double max, String labels) {
    assertThat(labels(Axis.logarithmicFine(min, max))).containsExactly(labels.split(" "));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 3, 1 2 3", "1, 12, 2 4 6 8 10 12", "1, 300, 50 100 150 200 250 300", "7, 9, 7 8 9"})
  void epochTicksAreWhole(int first, int last, String labels) {
    assertThat(labels(Axis.epochs(first, last))).containsExactly(labels.split(" "));
  }

  @Test
  void aSingleEpochLiesInTheMiddle() {
    assertThat(Axis.epochs(4, 4).position(4)).isEqualTo(0.5);
  }

  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(axis.labels()::apply).toList();
  }
}
