package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The strategies that a harness compares, by names such as {@code fused-minimal}. */
final class BenchStrategies {
  /** The strategy that the others are compared with. */
  static final String BASELINE = "naive";

  @Option(
      names = "--strategies",
      split = ",",
      paramLabel = "NAME,...",
      hideParamSyntax = true,
      description = "what to compare, such as naive,shared,fused,fused-minimal (default: all)")
  private List<String> names;

  /** @throws ConfigurationException if one is not known or given twice */
  List<Lowering> lowerings() {
    if (names == null) {
      return Lowerings.all();
    }
    var chosen = new ArrayList<Lowering>();
    for (String name : names) {
      var lowering = named(name);
      if (chosen.contains(lowering)) {
        throw new ConfigurationException("--strategies has " + name + " twice, give it once");
      }
      chosen.add(lowering);
    }
    return chosen;
  }

  private static Lowering named(String name) {
    return Lowerings.all().stream()
        .filter(lowering -> name(lowering).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "--strategies has " + name + ", choose from "
                        + Lowerings.all().stream().map(BenchStrategies::name).collect(Collectors.joining(", "))));
  }

  private static String name(Lowering lowering) {
    return lowering.label().replace(' ', '-');
  }
}
