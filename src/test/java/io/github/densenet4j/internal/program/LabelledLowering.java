package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import java.util.Locale;

/** Lowerings by the names that tests have in their tables of arguments. */
public final class LabelledLowering {
  private LabelledLowering() {}

  /** Such as {@code fused}. */
  public static Lowering of(String strategy) {
    return Lowerings.of(Strategy.valueOf(strategy.toUpperCase(Locale.ROOT)));
  }

  /** Such as {@code fused} and {@code minimal}. */
  public static Lowering of(String strategy, String memory) {
    return Lowerings.of(
        Strategy.valueOf(strategy.toUpperCase(Locale.ROOT)), MemoryLevel.valueOf(memory.toUpperCase(Locale.ROOT)),
        Precision.FLOAT32);
  }
}
