package io.github.densenet4j.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.backend.cpu.CpuBackend;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.program.Lowering;
import io.github.densenet4j.program.Program;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** Where and how to compute. */
final class DeviceOptions {
  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = "auto, cpu, cuda or cuda-software (default: auto, the best there is)")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads of the processor (default: all processors); results do not depend on it")
  private Integer threads;

  @Option(
      names = "--strategy",
      defaultValue = "fused",
      paramLabel = "NAME",
      description = "how the network is computed: fused (default), shared or naive")
  private String strategy;

  @Option(
      names = "--memory",
      defaultValue = "default",
      paramLabel = "LEVEL",
      description = "what is kept for the backward pass: default, or minimal (fused only: recomputes the bottlenecks)")
  private String memory;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "TYPE",
      description = "how numbers are stored: fp32 (default; this version has no bf16)")
  private String precision;

  @Option(
      names = "--memory-limit",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "the most memory that the plan may have, such as 2GiB; a network that needs more is refused "
          + "(default: what is available)")
  private Long memoryLimit;

  /** @throws ConfigurationException if an option has a value that this version does not have */
  Device device() {
    only("--precision", precision, "fp32");
    var found = Device.of(device, threads());
    return memoryLimit == null ? found : found.withMemoryLimit(memoryLimit);
  }

  /** The most bytes that a plan may have; empty if nothing was said. */
  OptionalLong memoryLimit() {
    return memoryLimit == null ? OptionalLong.empty() : OptionalLong.of(memoryLimit);
  }

  /** Of the processor. */
  int threads() {
    return threads == null ? CpuBackend.processors() : threads;
  }

  /** @throws ConfigurationException if there is no such strategy, or it has no such memory level */
  Lowering lowering() {
    return Lowering.of(strategy, memory);
  }

  String precision() {
    return precision;
  }

  /** The first keys of every report on a program: what was computed, where and how. */
  Map<String, Object> describe(Program program, String deviceName) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", program.config().name());
    object.put("strategy", program.lowering().strategy());
    object.put("memory", program.lowering().memory().label());
    object.put("device", deviceName);
    object.put("precision", precision);
    object.put("batch", program.workload().batch());
    return object;
  }

  private static void only(String option, String found, String expected) {
    if (!found.equals(expected)) {
      throw new ConfigurationException(
          option + " " + found + " is not in this version, " + option + " " + expected + " is all there is");
    }
  }
}
