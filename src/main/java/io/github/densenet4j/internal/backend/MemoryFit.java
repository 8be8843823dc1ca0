package io.github.densenet4j.internal.backend;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Category;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;

/** Whether a plan fits in a device's memory; asked before it is allocated, because a system may promise too much. */
public final class MemoryFit {
  private static final int NAMED_CATEGORIES = 3;

  /** By how much a process may find less memory than the one before it, where there is much of it. */
  private static final long USUAL_MARGIN = 16L << 20;

  private MemoryFit() {}

  /** @throws DeviceException if it does not fit; the message has the plan, and says which batch would fit */
  public static void require(Backend backend, Program program, ArenaPlan plan) {
    long available = backend.availableBytes();
    long limit = Math.min(backend.memoryLimit(), available);
    if (plan.totalBytes() <= limit) {
      return;
    }
    boolean chosen = limit < available;
    throw new DeviceException(
        "%s in batches of %d with strategy %s needs %s of memory (%s), but %s %s: use %s%s"
            .formatted(
                program.config().name(), program.workload().batch(), program.lowering().label(),
                rounded(plan.totalBytes(), true), categories(plan),
                chosen ? "memory limit is" : backend.name() + " has only", rounded(limit, false),
                batch(backend, program, limit, chosen ? 0 : margin(limit)), otherStrategy(backend, program, plan)),
        "memory limit", "batch size", "strategy");
  }

  /** What is recommended leaves this of the memory that is free now, since a little less may be free then. */
  private static long margin(long free) {
    return Math.max(free / 32, Math.min(free / 8, USUAL_MARGIN));
  }

  private static String categories(ArenaPlan plan) {
    return plan.bytesByCategory().entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.<Category, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(NAMED_CATEGORIES)
        .map(entry -> entry.getKey().label() + " " + rounded(entry.getValue(), false))
        .collect(Collectors.joining(", "));
  }

  private static String batch(Backend backend, Program program, long limit, long margin) {
    int batch = largest(backend, program, limit - margin);
    if (batch == 0) {
      batch = largest(backend, program, limit); // scratch memory alone may take what the margin leaves
    }
    return batch == 0 ? "a smaller network" : "batch size " + batch + " or less";
  }

  private static int largest(Backend backend, Program program, long limit) {
    return LargestBatch.of(backend, program.lowering(), program.config(), program.workload(), limit);
  }

  /** The standard strategy, if it is another and needs less. */
  private static String otherStrategy(Backend backend, Program program, ArenaPlan plan) {
    var standard = Lowerings.standard();
    if (program.lowering().strategy() == standard.strategy()) {
      return "";
    }
    try {
      var other = backend.plan(standard.lower(program.config(), program.workload()));
      return other.totalBytes() >= plan.totalBytes()
          ? ""
          : ", or strategy %s, which needs %s"
              .formatted(standard.strategy().label(), rounded(other.totalBytes(), true));
    } catch (ConfigurationException e) {
      return ""; // this device does not have that strategy
    }
  }

  private static String rounded(long bytes, boolean up) {
    int shift = bytes >= 10L << 20 ? 20 : bytes >= 10L << 10 ? 10 : 0;
    long units = (up ? bytes + (1L << shift) - 1 : bytes) >> shift;
    return units + (shift == 20 ? " MiB" : shift == 10 ? " KiB" : " bytes");
  }
}
