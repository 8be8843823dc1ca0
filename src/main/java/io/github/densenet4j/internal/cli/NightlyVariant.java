package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to compute on a GPU that a nightly run examines.
 *
 * @param tf32 whether factors are rounded to TF32: measured, but not verified, because float32's limits are not for it
 */
record NightlyVariant(Lowering lowering, boolean tf32) {
  static final List<NightlyVariant> ALL =
      List.of(
          of(Strategy.NAIVE, Precision.FLOAT32, false), of(Strategy.NAIVE, Precision.FLOAT32, true),
          of(Strategy.SHARED, Precision.FLOAT32, false), of(Strategy.SHARED, Precision.FLOAT32, true),
          of(Strategy.FUSED, Precision.FLOAT32, false), of(Strategy.FUSED, Precision.FLOAT32, true),
          of(Strategy.FUSED, Precision.BFLOAT16, false));

  private static NightlyVariant of(Strategy strategy, Precision precision, boolean tf32) {
    return new NightlyVariant(Lowerings.of(strategy, MemoryLevel.DEFAULT, precision), tf32);
  }

  String strategy() {
    return lowering.strategy().label();
  }

  /** Strategy and precision in short, for the names of checks. */
  String label() {
    return lowering.label() + (tf32 ? " TF32" : "");
  }

  /** For the commands that compute. */
  List<String> options() {
    var options = new ArrayList<>(List.of("--strategy=" + strategy(), "--precision=" + lowering.precision().label()));
    if (tf32) {
      options.add("--cuda-tf32");
    }
    return options;
  }
}
