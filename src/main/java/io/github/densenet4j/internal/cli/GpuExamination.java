package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.program.Lowerings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What there is for GPUs, and whether the first one trains. */
final class GpuExamination {
  static final String DEVICE = "cuda";

  private final GpuSystem system;
  private final List<String> missing = new ArrayList<>();

  GpuExamination(GpuSystem system) {
    this.system = system;
  }

  void into(Findings findings) {
    var facts = findings.part(DEVICE);
    boolean driver = driver(facts);
    String kernelsMissing = kernels(facts);
    facts.put("cudnn", library(system::cudnn, driver));
    facts.put("cublas", library(system::cublas, driver));
    if (driver && kernelsMissing != null) {
      missing.add(kernelsMissing);
    }
    findings.judge(
        DEVICE, missing.isEmpty()
            ? TrialStep.on(system::open, Lowerings.of(Strategy.SHARED))
            : String.join("; ", missing));
  }

  private boolean driver(Map<String, Object> facts) {
    try {
      var driver = system.driver();
      var object = new LinkedHashMap<String, Object>();
      object.put("file", driver.file());
      object.put("cuda_version", driver.version());
      facts.put("driver", object);
      facts.put("gpus", system.devices().stream().map(GpuExamination::object).toList());
      return true;
    } catch (DeviceException e) {
      facts.putIfAbsent("driver", null);
      facts.put("gpus", List.of());
      missing.add(e.getMessage());
      return false;
    }
  }

  private static Map<String, Object> object(CudaDevice device) {
    var object = new LinkedHashMap<String, Object>();
    object.put("ordinal", device.ordinal());
    object.put("name", device.name());
    object.put("memory_bytes", device.memoryBytes());
    object.put("compute_capability", device.capability());
    return object;
  }

  /** @param needed whether its absence is what keeps the device from working */
  private Map<String, Object> library(Supplier<GpuSystem.Library> search, boolean needed) {
    var facts = new LinkedHashMap<String, Object>();
    try {
      var library = search.get();
      facts.put("version", library.version());
      facts.put("file", library.file().toString());
    } catch (DeviceException e) {
      facts.put("missing", e.getMessage());
      if (needed) {
        missing.add(e.getMessage());
      }
    }
    return facts;
  }

  /** Why there are none, or null. */
  private String kernels(Map<String, Object> facts) {
    try {
      facts.put("architectures", system.architectures());
      return null;
    } catch (DeviceException e) {
      facts.put("architectures", List.of());
      return e.getMessage();
    }
  }
}
