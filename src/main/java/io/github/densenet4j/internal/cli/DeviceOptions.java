package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.LimitedBackend;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.GpuSearch;
import io.github.densenet4j.internal.program.Lowering;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where to compute. */
final class DeviceOptions {
  /** What {@code --device} takes. */
  enum Name {
    AUTO,
    CPU,
    CUDA,
    CUDA_SOFTWARE;

    String label() {
      return Choice.label(this).replace('_', '-');
    }
  }

  @Option(
      names = "--device",
      defaultValue = "auto",
      paramLabel = "NAME",
      description = "auto, cpu, cuda or cuda-software (default: auto, a GPU if one can be used, else cpu)")
  private Name device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads of the processor (default: all processors); results do not depend on it")
  private Integer threads;

  @Option(
      names = "--memory-limit",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "the most memory that the plan may have, such as 2GiB; a network that needs more is refused "
          + "(default: what is available)")
  private Long memoryLimit;

  @Mixin private CudaFlags cuda;

  /** For commands that use what every program may use. */
  Device device() {
    var found =
        switch (device) {
          case AUTO -> Device.auto(threads(), cuda.options());
          case CPU -> Device.cpu(threads());
          case CUDA -> Device.cuda(cuda.options());
          case CUDA_SOFTWARE -> Device.cudaSoftware(cuda.options());
        };
    return memoryLimit == null ? found : found.withMemoryLimit(memoryLimit);
  }

  /** The device itself, for measurements; used and closed in this thread. */
  Backend backend() {
    var found =
        switch (device) {
          case AUTO -> GpuSearch.of(cuda.options()).gpu().<Backend>map(gpu -> gpu).orElseGet(this::processor);
          case CPU -> processor();
          case CUDA -> CudaBackend.gpu(cuda.options());
          case CUDA_SOFTWARE -> CudaBackend.software(cuda.options());
        };
    return memoryLimit == null ? found : new LimitedBackend(found, memoryLimit);
  }

  private Backend processor() {
    return new CpuBackend(threads());
  }

  /** The most bytes that a plan may have; empty if nothing was said. */
  OptionalLong memoryLimit() {
    return memoryLimit == null ? OptionalLong.empty() : OptionalLong.of(memoryLimit);
  }

  /** For people. */
  String describeThreads() {
    return threads() + (threads() == 1 ? " thread" : " threads");
  }

  /**
   * What the convolutions of a lowering multiply: fp32, bf16, TF32, or 3xTF32, which is as good as fp32.
   *
   * @param found the name of the device that was found
   */
  String arithmetic(Lowering lowering, String found) {
    if (found.equals(Name.CPU.label()) || lowering.precision() != Precision.FLOAT32) {
      return lowering.precision().label();
    }
    String whole = lowering.strategy() == Strategy.FUSED ? "3xTF32" : Precision.FLOAT32.label();
    return cuda.options().tf32() ? "TF32" : whole;
  }

  /** Of the processor. */
  int threads() {
    return threads == null ? CpuBackend.processors() : threads;
  }

  /** The same choice for another process. */
  List<String> arguments() {
    var arguments = new ArrayList<>(List.of("--device=" + device.label(), "--threads=" + threads()));
    arguments.addAll(cuda.arguments());
    memoryLimit().ifPresent(limit -> arguments.add("--memory-limit=" + limit));
    return arguments;
  }
}
