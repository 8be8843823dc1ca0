package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A way to compute a network: turns its configuration into a program. */
public interface Lowering {
  /** The strategy's name on the command line. */
  String strategy();

  /** What is kept for the backward pass. */
  default MemoryLevel memory() {
    return MemoryLevel.DEFAULT;
  }

  /** How feature maps and their gradients are stored; parameters, statistics and sums are float32 in any case. */
  default ElementType precision() {
    return ElementType.FLOAT32;
  }

  /** Strategy, memory level and precision in short, for tables; what is usual goes without saying. */
  default String label() {
    String level = memory() == MemoryLevel.DEFAULT ? "" : " " + memory().label();
    String type = precision() == ElementType.FLOAT32 ? "" : " " + precision().label();
    return strategy() + level + type;
  }

  /** Writes the network's passes with the ports and parameters of {@code buffers}. */
  Passes write(NetworkBuffers buffers);

  /** The whole program: the input's normalisation, passes, the optimizer's step, and inference. */
  default Program lower(DenseNetConfig config, Workload workload) {
    var parameters = new Parameters(config);
    var ports = Ports.of(config, parameters, workload);
    Map<Phase, List<Op>> phases = new EnumMap<>(Phase.class);
    phases.put(Phase.INPUT, List.of(ports.input(config, workload)));
    if (workload.training()) {
      var passes = write(new NetworkBuffers(config, precision(), workload.batch(), true, parameters, ports));
      phases.put(Phase.FORWARD, passes.forward());
      phases.put(Phase.BACKWARD, passes.backward());
      phases.put(Phase.UPDATE, List.of(ports.update(workload, parameters)));
    }
    var inference = write(new NetworkBuffers(config, precision(), workload.batch(), false, parameters, ports));
    phases.put(Phase.FOLD, inference.fold());
    phases.put(Phase.INFER, inference.forward());
    return new Program(config, this, workload, parameters, ports, phases);
  }

  /** All strategies in float32, the default first. */
  List<Lowering> ALL =
      List.of(
          new FusedLowering(MemoryLevel.DEFAULT),
          new FusedLowering(MemoryLevel.MINIMAL),
          new SharedLowering(),
          new NaiveLowering());

  /** The default strategy. */
  static Lowering standard() {
    return ALL.getFirst();
  }

  /** @throws ConfigurationException if there is no such strategy, or it has no such memory level or precision */
  static Lowering of(String strategy, String memory, String precision) {
    var lowering = of(strategy, memory);
    var type = type(precision);
    if (type == ElementType.FLOAT32) {
      return lowering;
    }
    if (lowering instanceof FusedLowering fused) {
      return new FusedLowering(fused.memory(), type);
    }
    throw new ConfigurationException(
        "--precision " + precision + " is not there for --strategy " + strategy + ", use --strategy fused or --precision "
            + ElementType.FLOAT32.label());
  }

  private static ElementType type(String precision) {
    return Arrays.stream(ElementType.values())
        .filter(type -> type.label().equals(precision))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "--precision " + precision + " is not known, choose one of "
                        + Arrays.stream(ElementType.values()).map(ElementType::label)
                            .collect(Collectors.joining(", "))));
  }

  /**
   * In float32.
   *
   * @throws ConfigurationException if there is no such strategy, or it has no such memory level
   */
  static Lowering of(String strategy, String memory) {
    var named = ALL.stream().filter(lowering -> lowering.strategy().equals(strategy)).toList();
    if (named.isEmpty()) {
      throw new ConfigurationException(
          "--strategy " + strategy + " is not known, choose one of "
              + ALL.stream().map(Lowering::strategy).distinct().collect(Collectors.joining(", ")));
    }
    return named.stream()
        .filter(lowering -> lowering.memory().label().equals(memory))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "--memory " + memory + " is not known for --strategy " + strategy + ", choose one of "
                        + named.stream().map(l -> l.memory().label()).collect(Collectors.joining(", "))));
  }
}
