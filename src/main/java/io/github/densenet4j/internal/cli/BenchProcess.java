package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowering;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code bench} in a process of its own, so that no measurement sees what another left behind. */
final class BenchProcess {
  /**
   * What keeps the JVM's own memory steady while a network is measured: a young generation that is touched to its end
   * before, and no optimizing compiler, whose memory comes and goes by the MiB (a step has next to no Java to gain).
   */
  private static final List<String> STEADY = List.of("-Xmn16m", "-XX:TieredStopAtLevel=1");

  private final DenseNetConfig config;
  private final Lowering lowering;
  private final List<String> options;

  /** {@code options} are those of {@code bench} beside network and strategy. */
  BenchProcess(DenseNetConfig config, Lowering lowering, List<String> options) {
    this.config = config;
    this.lowering = lowering;
    this.options = List.copyOf(options);
  }

  /** How a process ended. */
  sealed interface Outcome {
    /** With the object that {@code bench --json} prints. */
    record Measured(Map<String, Object> figures) implements Outcome {}

    /** With a sentence on its error stream. */
    record Failed(String sentence) implements Outcome {}
  }

  Outcome run() {
    var end = CommandProcess.ofThisProgram(STEADY, arguments()).run();
    if (end.exitCode() == 0) {
      return new Outcome.Measured(Json.parse(end.out(), "what bench printed"));
    }
    if (end.explained()) {
      return new Outcome.Failed(end.sentence());
    }
    throw new DeviceException(
        "bench of " + config.name() + ", " + lowering.label() + ", ended with exit code " + end.exitCode() + ": "
            + end.sentence());
  }

  private List<String> arguments() {
    var arguments = new ArrayList<>(List.of("bench", "--json"));
    arguments.addAll(network(config));
    arguments.addAll(
        List.of(
            "--strategy=" + lowering.strategy().label(), "--memory=" + lowering.memory().label(),
            "--precision=" + lowering.precision().label()));
    arguments.addAll(options);
    return arguments;
  }

  /** The options that describe a network. */
  static List<String> network(DenseNetConfig config) {
    if (DenseNetConfig.names().contains(config.name()) && DenseNetConfig.named(config.name()).equals(config)) {
      return List.of("--model=" + config.name());
    }
    return numbers(config);
  }

  /** The same without its name. */
  static List<String> numbers(DenseNetConfig config) {
    var blocks = config.blockConfig().stream().map(String::valueOf).collect(Collectors.joining(","));
    return List.of(
        "--growth-rate=" + config.growthRate(), "--block-config=" + blocks,
        "--init-features=" + config.initFeatures(), "--bn-size=" + config.bnSize(),
        "--compression=" + config.compression(), "--stem=" + Choice.label(config.stem()),
        "--in-channels=" + config.inChannels(), "--image-size=" + config.imageSize(),
        "--classes=" + config.classes(), "--dropout=" + config.dropout());
  }
}
