package io.github.densenet4j.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.backend.cpu.CpuBackend;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the subcommands of {@code bench} compute; the strategies are theirs to choose. */
final class BenchDeviceOptions {
  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = "auto, cpu, cuda or cuda-software (default: auto, the best there is)")
  private String device;

  @Option(names = "--threads", paramLabel = "N", description = "threads of the processor (default: all processors)")
  private Integer threads;

  Device device() {
    return Device.of(device, threads());
  }

  int threads() {
    return threads == null ? CpuBackend.processors() : threads;
  }

  /** The same choice for another process. */
  List<String> arguments() {
    return List.of("--device=" + device, "--threads=" + threads());
  }
}
