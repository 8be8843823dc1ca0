package io.github.densenet4j.backend;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.memory.MemoryPlan;
import io.github.densenet4j.program.Program;

/** Whether a plan fits in a device's memory; asked before it is allocated, because a system may promise too much. */
final class MemoryFit {
  private MemoryFit() {}

  /** @throws DeviceException if it does not fit; the message says which batch would */
  static void require(Backend backend, Program program, MemoryPlan plan) {
    long available = backend.availableBytes();
    if (plan.totalBytes() <= available) {
      return;
    }
    int batch = largestBatch(backend, program, available);
    throw new DeviceException(
        "%s in batches of %d needs %d MiB of memory, but %s has only %d: use %s"
            .formatted(
                program.config().name(), program.workload().batch(), plan.totalBytes() >> 20, backend.name(),
                available >> 20, batch == 0 ? "a smaller network" : "--batch-size " + batch + " or less"));
  }

  /** The largest batch that fits, 0 if none does. */
  private static int largestBatch(Backend backend, Program program, long available) {
    int fits = 0;
    int tooMany = program.workload().batch();
    while (tooMany - fits > 1) {
      int middle = fits + (tooMany - fits) / 2;
      var smaller = program.lowering().lower(program.config(), program.workload().withBatch(middle));
      if (backend.plan(smaller).totalBytes() <= available) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return fits;
  }
}
