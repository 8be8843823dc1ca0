package io.github.densenet4j.cli;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.io.Json;
import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.NamedModels;
import io.github.densenet4j.program.Lowering;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * {@code bench} in a process of its own, so that no measurement sees what another left behind. It runs this program
 * with this JVM, its class path and its {@code densenet4j.*} properties.
 */
final class BenchProcess {
  private static final String PREFIX = "densenet4j: ";

  /**
   * What keeps the JVM's own memory steady while a network is measured: a young generation that is touched to its end
   * before, and no optimizing compiler, whose memory comes and goes by the MiB (a step has next to no Java to gain).
   */
  private static final List<String> STEADY = List.of("-XX:+UseSerialGC", "-Xmn16m", "-XX:TieredStopAtLevel=1");

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
    try {
      var process = new ProcessBuilder(command()).start();
      var end = new Thread(process::destroyForcibly);
      Runtime.getRuntime().addShutdownHook(end); // a process that computes must not outlive the one that asked
      try {
        return outcome(process);
      } finally {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(end);
      }
    } catch (IOException e) {
      throw new DeviceException("bench cannot start a process of its own (" + e.getMessage() + ")", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeviceException("bench was interrupted while another process measured", e);
    }
  }

  private Outcome outcome(Process process) throws InterruptedException {
    var errors = CompletableFuture.supplyAsync(() -> text(process.errorReader()));
    String output = text(process.inputReader());
    String sentence = errors.join().lines().reduce((_, last) -> last).orElse("it said nothing");
    int exitCode = process.waitFor();
    if (exitCode == 0) {
      return new Outcome.Measured(Json.parse(output, "what bench printed"));
    }
    if (sentence.startsWith(PREFIX)) {
      return new Outcome.Failed(sentence.substring(PREFIX.length()));
    }
    throw new DeviceException(
        "bench of " + config.name() + ", " + lowering.label() + ", ended with exit code " + exitCode + ": " + sentence);
  }

  private static String text(Reader reader) {
    try (reader) {
      return reader.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> command() {
    var command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "-Xmx" + Runtime.getRuntime().maxMemory()));
    command.addAll(STEADY);
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("densenet4j."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "bench", "--json"));
    command.addAll(network());
    command.addAll(List.of("--strategy=" + lowering.strategy(), "--memory=" + lowering.memory().label()));
    command.addAll(options);
    return command;
  }

  private List<String> network() {
    if (NamedModels.names().contains(config.name()) && NamedModels.get(config.name()).equals(config)) {
      return List.of("--model=" + config.name());
    }
    var blocks = config.blockConfig().stream().map(String::valueOf).collect(Collectors.joining(","));
    return List.of(
        "--growth-rate=" + config.growthRate(), "--block-config=" + blocks,
        "--init-features=" + config.initFeatures(), "--bn-size=" + config.bnSize(),
        "--compression=" + config.compression(), "--stem=" + Choice.label(config.stem()),
        "--in-channels=" + config.inChannels(), "--image-size=" + config.imageSize(),
        "--classes=" + config.classes(), "--dropout=" + config.dropout());
  }
}
