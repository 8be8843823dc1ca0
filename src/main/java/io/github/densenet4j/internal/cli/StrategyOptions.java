package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.PredictorOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.Backend;
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

  /** What {@code --precision} takes. */
  enum PrecisionName {
    AUTO("auto"),
    FP32(Precision.FLOAT32.label()),
    BF16(Precision.BFLOAT16.label());

    private final String label;

    PrecisionName(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  @Option(
      names = "--precision",
      defaultValue = "auto",
      paramLabel = "TYPE",
      description = "how feature maps are stored: fp32, bf16 (fused only) or auto (default: bf16 for fused on a GPU of "
          + "compute capability 8.0 or more, else fp32; verify: fp32)")
  private PrecisionName precision;

  /**
   * Where auto is what suits a device.
   *
   * @throws io.github.densenet4j.error.ConfigurationException if the strategy has no such memory level or precision
   */
  Lowering lowering(Backend backend) {
    return Lowerings.of(strategy, memory, precision(backend.precision(strategy)));
  }

  /** Where auto is fp32, whatever the device. */
  Lowering lowering() {
    return Lowerings.of(strategy, memory, precision(Precision.FLOAT32));
  }

  /** @param batch images that are computed at a time */
  PredictorOptions predictorOptions(int batch, Device device) {
    var lowering = Lowerings.of(strategy, memory, precision(device));
    return new PredictorOptions(batch, lowering.strategy(), lowering.precision());
  }

  Strategy strategy() {
    return strategy;
  }

  MemoryLevel memory() {
    return memory;
  }

  Precision precision(Device device) {
    return precision(device.precision(strategy));
  }

  private Precision precision(Precision auto) {
    return switch (precision) {
      case AUTO -> auto;
      case FP32 -> Precision.FLOAT32;
      case BF16 -> Precision.BFLOAT16;
    };
  }

  /** For people. */
  String describe(Precision chosen) {
    return "strategy " + strategy.label() + ", memory " + memory.label() + ", " + chosen.label();
  }

  /** The first keys of every report on a network: what was computed, where and how. */
  Map<String, Object> describe(DenseNetConfig config, int batch, String deviceName, Precision chosen) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", config.name());
    object.put("strategy", strategy.label());
    object.put("memory", memory.label());
    object.put("device", deviceName);
    object.put("precision", chosen.label());
    object.put("batch", batch);
    return object;
  }
}
