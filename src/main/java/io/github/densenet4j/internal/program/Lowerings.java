package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import java.util.List;
import java.util.stream.Collectors;

/** Every way to compute a network that there is. */
public final class Lowerings {
  private static final List<Lowering> ALL =
      List.of(
          new FusedLowering(MemoryLevel.DEFAULT, Precision.FLOAT32),
          new FusedLowering(MemoryLevel.MINIMAL, Precision.FLOAT32),
          new SharedLowering(),
          new NaiveLowering());

  private Lowerings() {}

  /** All strategies and memory levels in float32, the default first. */
  public static List<Lowering> all() {
    return ALL;
  }

  /** The default. */
  public static Lowering standard() {
    return ALL.getFirst();
  }

  /** A strategy at memory level {@link MemoryLevel#DEFAULT} in float32. */
  public static Lowering of(Strategy strategy) {
    return of(strategy, MemoryLevel.DEFAULT, Precision.FLOAT32);
  }

  /** @throws ConfigurationException if the strategy has no such memory level or precision */
  public static Lowering of(Strategy strategy, MemoryLevel memory, Precision precision) {
    if (strategy == Strategy.FUSED) {
      return new FusedLowering(memory, precision);
    }
    if (precision != Precision.FLOAT32) {
      throw new ConfigurationException(
          "precision " + precision.label() + " is not there for strategy " + strategy.label() + ", use strategy "
              + Strategy.FUSED.label() + " or precision " + Precision.FLOAT32.label(),
          "precision", "strategy");
    }
    return ALL.stream()
        .filter(lowering -> lowering.strategy() == strategy && lowering.memory() == memory)
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "memory level " + memory.label() + " is not there for strategy " + strategy.label() + ", use "
                        + ALL.stream().filter(lowering -> lowering.strategy() == strategy)
                            .map(lowering -> lowering.memory().label()).collect(Collectors.joining(", ")),
                    "memory level", "strategy"));
  }
}
