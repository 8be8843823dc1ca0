package io.github.densenet4j.internal.io;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Figures as people read them, the same in every locale. */
public final class Figures {
  /** What stands for a figure that does not exist. */
  static final String NONE = "–";

  private static final String[] BINARY_UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Figures() {}

  /** A size in bytes with a binary unit: {@code 512 B}, {@code 1.5 KiB}, {@code 3.2 GiB}. */
  public static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes / 1024.0;
    int unit = 0;
    while (value >= 1023.95) { // from here on one decimal would show as 1024.0
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, BINARY_UNITS[unit]);
  }

  /** A whole number with thousands separated: {@code 769,162}. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A share of 0 to 1 as {@code 87.31 %}. */
  public static String percent(double share) {
    return Double.isNaN(share) ? NONE : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** A duration in seconds: {@code 8.3 s}, {@code 4 min 12 s} or {@code 2 h 03 min}. */
  public static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return NONE;
    }
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
  }

  /** A number with up to {@code digits} significant digits and no trailing zeros. */
  public static String significant(double value, int digits) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    var rounded = new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
    return value != 0 && Math.abs(value) < 1e-5 ? rounded.toString() : rounded.toPlainString();
  }
}
