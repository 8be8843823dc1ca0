package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

@Tag("fast")
class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1", "1000000, 1000000", "7B, 7", "2KiB, 2048", "3MiB, 3145728", "2GiB, 2147483648", "1TiB, 1099511627776",
    "1KB, 1000", "512MB, 512000000", "1.5GB, 1500000000", "0.5 GiB, 536870912", "1TB, 1000000000000",
    "9223372036854775807, 9223372036854775807"
  })
  void sizesHaveBinaryOrDecimalUnits(String text, long bytes) {
    assertThat(new ByteSize().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "GiB", "2 GiG", "2gib", "-1GiB", "0", "0.5", "1,5GiB", "2GiB ", "1e9", "9223372036854775808", "8388608TiB"
      })
  void allElseIsRefused(String text) {
    assertThatThrownBy(() -> new ByteSize().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageStartingWith("'" + text + "' is not a size such as 2GiB");
  }
}
