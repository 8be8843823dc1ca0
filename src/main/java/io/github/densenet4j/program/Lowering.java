package io.github.densenet4j.program;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.network.DenseNetConfig;
import java.util.List;
import java.util.stream.Collectors;

/** A way to compute a network: turns its configuration into a program. */
public interface Lowering {
  /** The strategy's name on the command line. */
  String name();

  Program lower(DenseNetConfig config, Workload workload);

  /** All strategies, the default first. */
  List<Lowering> ALL = List.of(new FusedLowering());

  /** @throws ConfigurationException if there is none of that name */
  static Lowering of(String name) {
    return ALL.stream()
        .filter(lowering -> lowering.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "strategy " + name + " is not known, choose one of "
                        + ALL.stream().map(Lowering::name).collect(Collectors.joining(", "))));
  }
}
