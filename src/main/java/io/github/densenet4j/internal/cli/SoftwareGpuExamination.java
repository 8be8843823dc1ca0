package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.library.MappedFiles;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowerings;
import java.util.List;
import java.util.Map;

/** Whether the software CUDA device trains. A process has one driver: if it is another, a second process looks. */
final class SoftwareGpuExamination {
  static final String DEVICE = "cuda-software";

  private static final String DRIVER = "libcuda.so";

  private SoftwareGpuExamination() {}

  static void into(Findings findings) {
    findings.judge(DEVICE, MappedFiles.ofProcess().named(DRIVER).isEmpty() ? here() : elsewhere());
  }

  private static String here() {
    return TrialStep.on(() -> CudaBackend.software(CudaOptions.DEFAULT), Lowerings.of(Strategy.SHARED));
  }

  private static String elsewhere() {
    var end = CommandProcess.ofThisProgram(List.of(), List.of("doctor", "--json", "--device=" + DEVICE)).run();
    if (end.out().isBlank()) {
      return "broken: its examination ended with exit code " + end.exitCode() + ": " + end.sentence();
    }
    var devices = (Map<?, ?>) Json.parse(end.out(), "what doctor printed").get("devices");
    return (String) devices.get(DEVICE);
  }
}
