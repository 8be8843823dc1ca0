package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class FiguresTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1536, 1.5 KiB", "1048524, 1023.9 KiB", "1048576, 1.0 MiB",
    "1048575, 1.0 MiB", "1550416376, 1.4 GiB", "9223372036854775807, 8.0 EiB"
  })
  void bytesHaveBinaryUnits(long bytes, String text) {
    assertThat(Figures.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0 s", "8.26, 8.3 s", "59.94, 59.9 s", "59.96, 1 min 00 s", "252, 4 min 12 s", "3599.6, 1 h 00 min",
    "7380, 2 h 03 min", "NaN, –"
  })
  void durationsHaveTwoUnits(double seconds, String text) {
    assertThat(Figures.duration(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.1, 0.1", "0.123456, 0.1235", "1234567, 1235000", "0.00001, 0.00001", "0.00000123, 0.00000123",
    "0.0000000123, 1.23E-8", "NaN, –", "Infinity, –"})
  void significantDigitsWithoutTrailingZeros(double value, String text) {
    assertThat(Figures.significant(value, 4)).isEqualTo(text);
  }

  @Test
  void sharesAndCounts() {
    assertThat(Figures.percent(0.87314)).isEqualTo("87.31 %");
    assertThat(Figures.percent(Double.NaN)).isEqualTo("–");
    assertThat(Figures.count(769162)).isEqualTo("769,162");
  }
}
