package io.github.densenet4j.internal.cli;

import io.github.densenet4j.PredictorOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How to compute. */
final class StrategyOptions {
  @Option(
      names = "--strategy",
      defaultValue = "fused",
      paramLabel = "NAME",
      description = "how the network is computed: fused (default), shared or naive")
  private Strategy strategy;

  @Option(
      names = "--memory",
      defaultValue = "default",
      paramLabel = "LEVEL",
      description = "what is kept for the backward pass: default, or minimal (fused only: recomputes the bottlenecks)")
  private MemoryLevel memory;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "TYPE",
      description = "how feature maps are stored: fp32 (default) or bf16 (fused only)")
  private Precision precision;

  /** @throws io.github.densenet4j.error.ConfigurationException if the strategy has no such memory level or precision */
  Lowering lowering() {
    return Lowerings.of(strategy, memory, precision);
  }

  /** @param batch images that are computed at a time */
  PredictorOptions predictorOptions(int batch) {
    return new PredictorOptions(batch, lowering().strategy(), precision);
  }

  Strategy strategy() {
    return strategy;
  }

  MemoryLevel memory() {
    return memory;
  }

  Precision precision() {
    return precision;
  }

  /** For people. */
  String describe() {
    return "strategy " + strategy.label() + ", memory " + memory.label() + ", " + precision.label();
  }

  /** The first keys of every report on a network: what was computed, where and how. */
  Map<String, Object> describe(DenseNetConfig config, int batch, String deviceName) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", config.name());
    object.put("strategy", strategy.label());
    object.put("memory", memory.label());
    object.put("device", deviceName);
    object.put("precision", precision.label());
    object.put("batch", batch);
    return object;
  }
}
