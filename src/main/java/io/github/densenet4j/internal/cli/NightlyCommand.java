package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.OutputFolder;
import io.github.densenet4j.internal.report.NightlyComparison;
import io.github.densenet4j.internal.report.NightlyMarkdown;
import io.github.densenet4j.internal.report.NightlyReport.Figure;
import io.github.densenet4j.internal.report.NightlyReport.Measured;
import io.github.densenet4j.internal.report.NightlyReport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "nightly",
    hidden = true,
    description = {
      "Checks a GPU, measures memory and speed on it, writes a report, and compares it with the last one that passed.",
      "Fails if a check fails or a figure is worse by more than its margin. scripts/gpu-nightly builds and calls it."
    })
final class NightlyCommand implements Callable<Integer> {
  private static final List<String> DEVICES = List.of(GpuExamination.DEVICE, SoftwareGpuExamination.DEVICE);

  @ParentCommand private Main main;

  @Option(
      names = "--device",
      defaultValue = GpuExamination.DEVICE,
      paramLabel = "NAME",
      description = "cuda (default) or cuda-software")
  private String device;

  @Option(
      names = "--out",
      defaultValue = "build/gpu-nightly",
      paramLabel = "FOLDER",
      description = "where reports are kept (default: build/gpu-nightly)")
  private Path out;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "the report (*.json) to compare with (default: the last one in the folder that passed)")
  private Path baseline;

  @Option(
      names = "--speed-margin",
      defaultValue = "0.10",
      paramLabel = "SHARE",
      description = "how much slower a strategy may be (default: 0.10)")
  private double speedMargin;

  @Option(
      names = "--memory-margin",
      defaultValue = "0.01",
      paramLabel = "SHARE",
      description = "how much more memory a strategy may need (default: 0.01)")
  private double memoryMargin;

  @Option(
      names = "--case",
      paramLabel = "FILE",
      description = "a reference case to verify, several with several options (default: the golden cases)")
  private List<Path> cases = List.of();

  @Option(names = "--kernels-test", paramLabel = "FILE", description = "the program software_cuda_kernels_test")
  private Path kernelsTest;

  @Option(names = "--sanitizer", paramLabel = "FILE", description = "the program compute-sanitizer")
  private Path sanitizer;

  @Option(
      names = "--pytorch",
      paramLabel = "FILE",
      description = "the script bench_pytorch.py, to measure PyTorch beside ours with the python3 on the PATH")
  private Path pytorch;

  @Option(
      names = "--step-limit",
      defaultValue = "600",
      paramLabel = "SECONDS",
      description = "how long each process may take before it is ended (default: 600)")
  private int stepLimit;

  @Mixin private ModelOptions modelOptions;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(names = "--steps", defaultValue = "20", paramLabel = "N", description = "steps in a round (default: 20)")
  private int steps;

  @Option(names = "--rounds", defaultValue = "3", paramLabel = "N", description = "rounds (default: 3)")
  private int rounds;

  @Override
  public Integer call() {
    requireSense();
    modelOptions.config(); // is refused before anything is written
    OutputFolder.open(out);
    var folder = new NightlyFolder(out);
    var before = baseline == null ? folder.lastThatPassed() : Optional.of(NightlyReport.read(baseline));

    var time = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    var log = new NightlyLog(Duration.ofSeconds(stepLimit), main.console());
    var checks = new NightlyChecks(device, cases.isEmpty() ? VerifyCommand.golden() : cases, log);
    var figures = new ArrayList<Figure>();
    var beside = new ArrayList<Measured>();
    if (checks.doctor()) {
      var usable = examine(checks);
      measure(log, usable, figures, beside);
    }
    var setting = new LinkedHashMap<String, String>();
    setting.put("device", device);
    setting.put("gpu", checks.gpu());
    setting.put("model", String.join(" ", BenchProcess.network(modelOptions.config())));
    setting.put("batch", String.valueOf(batchSize));
    return finish(folder, new NightlyReport(time.toString(), setting, log.checks(), figures, beside), before) ? 0 : 1;
  }

  private void requireSense() {
    if (!DEVICES.contains(device)) {
      throw new ConfigurationException("--device is " + device + ", expected one of " + String.join(", ", DEVICES));
    }
    BenchCommand.atLeast("--steps", steps, 1);
    BenchCommand.atLeast("--rounds", rounds, 1);
    BenchCommand.atLeast("--step-limit", stepLimit, 1);
    requireMargin("--speed-margin", speedMargin);
    requireMargin("--memory-margin", memoryMargin);
  }

  private static void requireMargin(String option, double margin) {
    if (!(margin >= 0 && margin < 1)) {
      throw new ConfigurationException(option + " is " + margin + ", it must be a share from 0 to below 1");
    }
  }

  /** Returns what computes as it should. */
  private List<NightlyVariant> examine(NightlyChecks checks) {
    var verified = NightlyVariant.ALL.stream().filter(each -> !each.tf32()).filter(checks::verify).toList();
    checks.kernels(kernelsTest);
    if (!verified.isEmpty()) {
      checks.sanitizer(sanitizer, verified.getLast());
    }
    var right = verified.stream().map(variant -> variant.lowering().label()).toList();
    return NightlyVariant.ALL.stream().filter(each -> right.contains(each.lowering().label())).toList();
  }

  private void measure(NightlyLog log, List<NightlyVariant> usable, List<Figure> figures, List<Measured> beside) {
    var config = modelOptions.config();
    var run = List.of("--batch-size=" + batchSize, "--steps=" + steps);
    var bench = new NightlyBench(log, device, joined(BenchProcess.network(config), run), rounds);
    for (var variant : bench.measure(usable)) {
      figures.addAll(bench.figures(variant));
      beside.add(bench.measured(variant));
    }
    if (pytorch == null) {
      log.note("PyTorch", NightlyLog.Finding.skipped("--pytorch was not given"));
    } else {
      var options = joined(BenchProcess.numbers(config), run);
      beside.addAll(new NightlyPytorch(log, pytorch, device, options).measure());
    }
  }

  private static List<String> joined(List<String> first, List<String> more) {
    return Stream.concat(first.stream(), more.stream()).toList();
  }

  /** Compares, writes and tells; returns whether all is well. */
  private boolean finish(NightlyFolder folder, NightlyReport found, Optional<NightlyReport> before) {
    var margins = new NightlyComparison.Margins(speedMargin, memoryMargin);
    var report = found.with(NightlyComparison.check(before, found, margins));
    String text = NightlyMarkdown.of(report, before);
    var file = folder.write(report, text);
    main.console().out().print(text);
    main.console().err().println("the report is " + file);
    return report.pass();
  }
}
