package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What there is for GPUs, and which strategies train on the first one: fused needs the driver alone, naive and shared
 * cuDNN and cuBLAS too.
 */
final class GpuExamination {
  static final String DEVICE = "cuda";

  /** The part of the findings that judges each strategy by its name. */
  static final String STRATEGIES = "cuda_strategies";

  private final GpuSystem system;

  /** Why no strategy trains. */
  private final List<String> missing = new ArrayList<>();

  /** Why those that need cuDNN and cuBLAS do not. */
  private final List<String> librariesMissing = new ArrayList<>();

  GpuExamination(GpuSystem system) {
    this.system = system;
  }

  void into(Findings findings) {
    var facts = findings.part(DEVICE);
    boolean driver = driver(facts);
    String kernelsMissing = kernels(facts);
    facts.put("cudnn", library(system::cudnn, driver));
    facts.put("cublas", library(system::cublas, driver));
    facts.put("searched", system.searched().stream().map(Path::toString).toList());
    if (driver && kernelsMissing != null) {
      missing.add(kernelsMissing);
    }
    var verdicts = new ArrayList<StrategyVerdict>();
    for (var strategy : Strategy.values()) {
      var verdict = verdict(strategy);
      verdicts.add(verdict);
      findings.part(STRATEGIES).put(strategy.label(), verdict.object());
    }
    findings.judge(
        DEVICE, verdicts.stream().anyMatch(StrategyVerdict::ready)
            ? Findings.READY
            : verdicts.stream().map(StrategyVerdict::reason).distinct().collect(Collectors.joining("; ")));
  }

  private StrategyVerdict verdict(Strategy strategy) {
    var reasons = new LinkedHashSet<>(missing);
    if (strategy != Strategy.FUSED) {
      reasons.addAll(librariesMissing);
    }
    return reasons.isEmpty()
        ? StrategyVerdict.tried(TrialStep.on(system::open, lowering(strategy)))
        : StrategyVerdict.lacking(String.join("; ", reasons));
  }

  /** As a GPU trains: fused in bfloat16. */
  static Lowering lowering(Strategy strategy) {
    var precision = strategy == Strategy.FUSED ? Precision.BFLOAT16 : Precision.FLOAT32;
    return Lowerings.of(strategy, MemoryLevel.DEFAULT, precision);
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

  /** @param needed whether its absence is what keeps strategies from working */
  private Map<String, Object> library(Supplier<GpuSystem.Library> search, boolean needed) {
    var facts = new LinkedHashMap<String, Object>();
    try {
      var library = search.get();
      facts.put("version", library.version());
      facts.put("file", library.file().toString());
    } catch (DeviceException e) {
      facts.put("missing", e.getMessage());
      if (needed) {
        librariesMissing.add(e.getMessage());
      }
    }
    return facts;
  }

  /** Why there are none, or null. */
  private String kernels(Map<String, Object> facts) {
    try {
      facts.put("architectures", system.architectures());
      facts.put("toolkit", system.toolkit().orElse("unknown"));
      return null;
    } catch (DeviceException e) {
      facts.put("architectures", List.of());
      return e.getMessage();
    }
  }
}
