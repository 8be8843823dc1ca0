package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.program.Lowerings;

/** What the processor offers, and whether the kernels run on it. */
final class CpuExamination {
  static final String DEVICE = "cpu";

  private CpuExamination() {}

  static void into(Findings findings) {
    var cpu = findings.part("cpu");
    cpu.put("model", Machine.processor());
    var kernels = findings.part("kernels");
    var memory = findings.part("memory");
    memory.put("total_bytes", Machine.memoryBytes());
    try {
      cpu.put("features", CpuBackend.features());
      cpu.put("processors", CpuBackend.processors());
      kernels.put("best", CpuBackend.best().label());
      var backend = new CpuBackend(CpuBackend.processors());
      kernels.put("instruction_set", backend.instructionSet().label());
      kernels.put("file", backend.libraryFile().toString());
      memory.put("available_bytes", backend.availableBytes());
      findings.judge(DEVICE, TrialStep.on(() -> backend, Lowerings.standard()));
    } catch (DeviceException e) {
      findings.judge(DEVICE, "broken: " + e.getMessage());
    }
  }
}
