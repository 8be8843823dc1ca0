package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.internal.cli.NightlyLog.Finding;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport.Measured;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** PyTorch on the same device, each way in a process of its own. It is no check of ours, so it cannot fail. */
final class NightlyPytorch {
  /** The exit code of the script where PyTorch, or what it needs, is not here. */
  private static final int LACKING = 3;

  private final NightlyLog log;
  private final List<String> command;
  private final boolean gpu;
  private final List<Measured> measured = new ArrayList<>();
  private final List<String> notMeasured = new ArrayList<>();

  /** @param options of the script that are the same for all ways: network, batch and steps */
  NightlyPytorch(NightlyLog log, Path script, String device, List<String> options) {
    this.log = log;
    gpu = device.equals(GpuExamination.DEVICE);
    var program = Stream.of("python3", script.toString(), "--device=" + (gpu ? "cuda" : "cpu"));
    command = Stream.concat(program, options.stream()).toList();
  }

  /** Beside the software device only what any processor has: figures there mean nothing. */
  private List<List<String>> ways() {
    var ways = new ArrayList<List<String>>();
    for (String mode : gpu ? List.of("eager", "graph", "compile") : List.of("eager")) {
      for (String layout : List.of("nchw", "channels-last")) {
        for (String arithmetic : gpu ? List.of("fp32", "tf32", "bf16") : List.of("fp32", "bf16")) {
          ways.add(List.of("--mode=" + mode, "--layout=" + layout, "--arithmetic=" + arithmetic));
        }
      }
    }
    return ways;
  }

  List<Measured> measure() {
    log.make("PyTorch", () -> {
      try {
        return measureAll();
      } catch (DensenetException e) {
        return Finding.skipped(e.getMessage());
      }
    });
    return measured;
  }

  private Finding measureAll() {
    var ways = ways();
    for (var way : ways) {
      if (log.hopeless()) {
        break;
      }
      var end = log.run(new CommandProcess(Stream.concat(command.stream(), way.stream()).toList()));
      if (end.exitCode() == LACKING) {
        return Finding.skipped(end.sentence());
      } else if (end.exitCode() == 0) {
        measured.add(Measured.of(Json.parse(end.out(), "what " + command.get(1) + " printed")));
      } else {
        notMeasured.add(String.join(" ", way) + ": " + end.sentence());
      }
    }
    String most = "measured " + measured.size() + " of " + ways.size() + " ways";
    return measured.isEmpty() || !notMeasured.isEmpty()
        ? Finding.skipped(most + "; " + String.join("; ", notMeasured))
        : Finding.pass(most);
  }
}
