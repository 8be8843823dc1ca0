package io.github.densenet4j.cli;

import io.github.densenet4j.backend.NetworkSession;
import io.github.densenet4j.backend.cpu.CpuBackend;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.io.Figures;
import io.github.densenet4j.io.Json;
import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.Initialization;
import io.github.densenet4j.network.Stem;
import io.github.densenet4j.program.Lowering;
import io.github.densenet4j.program.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "doctor", description = "Shows what this computer offers and whether densenet4j runs on it.")
final class DoctorCommand implements Callable<Integer> {
  private static final String READY = "ready";
  private static final String ABSENT = "not in this version";

  @ParentCommand private Main main;

  @Option(names = "--json", description = "print the findings as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    var java = new LinkedHashMap<String, Object>();
    java.put("version", System.getProperty("java.version"));
    java.put("home", System.getProperty("java.home"));
    var memory = new LinkedHashMap<String, Object>();
    memory.put("total_bytes", Machine.memoryBytes());
    var cpu = new LinkedHashMap<String, Object>();
    cpu.put("model", Machine.processor());
    var kernels = new LinkedHashMap<String, Object>();
    String verdict = examine(cpu, kernels, memory);
    var devices = new LinkedHashMap<String, Object>();
    devices.put("cpu", verdict);
    devices.put("cuda", ABSENT);
    devices.put("cuda-software", ABSENT);
    var findings = new LinkedHashMap<String, Map<String, Object>>();
    findings.put("java", java);
    findings.put("cpu", cpu);
    findings.put("kernels", kernels);
    findings.put("memory", memory);
    findings.put("devices", devices);
    print(findings);
    return verdict.equals(READY) ? 0 : 1;
  }

  /** Fills in what the kernels tell about the processor, themselves and memory; returns whether they work. */
  private static String examine(
      Map<String, Object> cpu, Map<String, Object> kernels, Map<String, Object> memory) {
    try {
      cpu.put("features", CpuBackend.features());
      cpu.put("processors", CpuBackend.processors());
      kernels.put("best", CpuBackend.best().label());
      var backend = new CpuBackend(CpuBackend.processors());
      kernels.put("instruction_set", backend.instructionSet().label());
      kernels.put("file", backend.libraryFile().toString());
      memory.put("available_bytes", backend.availableBytes());
      return trains(backend) ? READY : "broken: a training step on " + backend.description() + " gave no finite loss";
    } catch (DeviceException e) {
      return "broken: " + e.getMessage();
    }
  }

  private static boolean trains(CpuBackend backend) {
    var config = new DenseNetConfig("doctor", 4, List.of(1, 1), 8, 4, 0.5, 0, Stem.CIFAR, 1, 8, 2);
    var program = Lowering.standard().lower(config, Workload.training(2, 0.9, 1e-4));
    try (var session = new NetworkSession(backend, program)) {
      session.setParameters(new Initialization(1).learnable(program.parameters()));
      session.step(0.1, 0, 1);
      return Double.isFinite(session.loss());
    }
  }

  private void print(Map<String, Map<String, Object>> findings) {
    if (json) {
      var object = new LinkedHashMap<String, Object>();
      object.put("version", Version.current());
      object.putAll(findings);
      main.console().out().println(Json.toText(object));
      return;
    }
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT)
            .row("densenet4j", "version", Version.current());
    findings.forEach(
        (part, facts) -> {
          String label = part;
          for (var fact : facts.entrySet()) {
            boolean bytes = fact.getKey().endsWith("_bytes");
            String value = bytes ? Figures.bytes((Long) fact.getValue()) : fact.getValue().toString();
            table.row(label, fact.getKey().replace("_bytes", "").replace('_', ' '), value);
            label = "";
          }
        });
    table.print(main.console().out());
  }
}
