package io.github.densenet4j.internal.cli;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Takes a size such as {@code 2GiB}, {@code 1.5 GB} or {@code 1000000} as bytes. */
final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L, "B", 1L, "KB", 1000L, "MB", 1_000_000L, "GB", 1_000_000_000L, "TB", 1_000_000_000_000L,
          "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  @Override
  public Long convert(String value) {
    var parts = SIZE.matcher(value);
    if (parts.matches() && UNITS.containsKey(parts.group(2))) {
      var bytes = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(UNITS.get(parts.group(2))));
      if (bytes.compareTo(BigDecimal.ONE) >= 0 && bytes.compareTo(MOST) <= 0) {
        return bytes.longValue();
      }
    }
    throw new TypeConversionException(
        "'" + value + "' is not a size such as 2GiB, 512MiB, 1.5GB or 1000000 (bytes)");
  }
}
