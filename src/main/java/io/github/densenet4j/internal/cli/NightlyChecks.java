package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.internal.backend.library.NativeFiles;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport.Check;
import io.github.densenet4j.internal.report.NightlyReport.Figure;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import io.github.densenet4j.internal.report.NightlyReport.Quantity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The checks of a nightly run, each in processes of its own, so that none can keep another from being made. */
final class NightlyChecks {
  /** How a strategy that a device lacks is refused. */
  private static final String NO_KERNELS = "has no CUDA kernels";

  private static final String FATBIN = "densenet4j.fatbin";
  private static final int SANITIZER_FOUND = 86;

  private final String device;
  private final List<Path> cases;
  private final Console console;
  private final List<Check> checks = new ArrayList<>();
  private String gpu = "none";

  /** @param cases reference cases, at least one */
  NightlyChecks(String device, List<Path> cases, Console console) {
    this.device = device;
    this.cases = List.copyOf(cases);
    this.console = console;
  }

  List<Check> checks() {
    return checks;
  }

  /** What {@link #doctor} saw. */
  String gpu() {
    return gpu;
  }

  private Outcome add(String name, Outcome outcome, String detail) {
    console.err().println(name + ": " + Choice.label(outcome) + ", " + detail);
    checks.add(new Check(name, outcome, detail));
    return outcome;
  }

  private static CommandProcess ours(List<String> arguments) {
    return CommandProcess.ofThisProgram(List.of(), arguments);
  }

  private static List<String> joined(List<String> first, List<String> more) {
    return Stream.concat(first.stream(), more.stream()).toList();
  }

  /** Whether the device is ready; nothing else is worth a try if not. */
  boolean doctor() {
    var end = ours(List.of("doctor", "--json", "--device=" + device)).run();
    String verdict = end.sentence();
    if (!end.out().isBlank()) {
      var findings = Json.parse(end.out(), "what doctor printed");
      verdict = (String) ((Map<?, ?>) findings.get("devices")).get(device);
      gpu = gpu(findings);
    }
    return add("doctor", end.exitCode() == 0 ? Outcome.PASS : Outcome.FAIL, device + ": " + verdict) == Outcome.PASS;
  }

  private static String gpu(Map<String, Object> findings) {
    if (!(findings.get(GpuExamination.DEVICE) instanceof Map<?, ?> cuda)) {
      return "none";
    }
    return ((List<?>) cuda.get("gpus")).stream().findFirst().map(gpu -> (String) ((Map<?, ?>) gpu).get("name"))
        .orElse("none");
  }

  /** Compares with PyTorch. Returns whether the strategy computes as it should on this device. */
  boolean verify(String strategy) {
    var end = verification(strategy, cases).run();
    String name = "verify " + strategy;
    if (end.exitCode() == 0) {
      String agree = cases.size() == 1 ? " case agrees" : " cases agree";
      return add(name, Outcome.PASS, cases.size() + agree + " with PyTorch") == Outcome.PASS;
    }
    if (end.explained() && end.sentence().contains(NO_KERNELS)) {
      add(name, Outcome.SKIPPED, end.sentence());
    } else {
      add(name, Outcome.FAIL, end.out().isBlank() ? end.sentence() : failing(Json.parse(end.out(), name)));
    }
    return false;
  }

  private CommandProcess verification(String strategy, List<Path> files) {
    return ours(
        joined(
            List.of("verify", "--json", "--device=" + device, "--strategy=" + strategy),
            files.stream().map(Path::toString).toList()));
  }

  private static String failing(Map<String, Object> printed) {
    var cases = printed.containsKey("cases") ? (List<?>) printed.get("cases") : List.of(printed);
    return cases.stream()
        .map(each -> (Map<?, ?>) each)
        .filter(each -> !Boolean.TRUE.equals(each.get("pass")))
        .map(each -> each.get("case") + " has errors above their limits, " + each.get("max_error"))
        .reduce((first, second) -> first + "; " + second)
        .orElse("it failed without a failing case");
  }

  /** Runs the kernels one by one, each beside plain C++. */
  void kernels(Path test) {
    String name = "kernels";
    if (test == null) {
      add(name, Outcome.SKIPPED, "--kernels-test was not given");
      return;
    }
    attempt(name, () -> {
      Path fatbin = NativeFiles.find("the CUDA kernels", "", List.of(FATBIN)).resolve(FATBIN);
      var command = new ArrayList<>(List.of(test.toAbsolutePath().toString(), fatbin.toString()));
      if (device.equals(GpuExamination.DEVICE)) {
        command.add("gpu");
      }
      var end = new CommandProcess(command).run();
      return end.exitCode() == 0
          ? new Check(name, Outcome.PASS, "every kernel agrees with plain C++, on " + end.out().strip())
          : new Check(name, Outcome.FAIL, end.sentence());
    });
  }

  /** Verifies the smallest case once more, watched by compute-sanitizer. */
  void sanitizer(Path sanitizer, String strategy) {
    String name = "compute-sanitizer";
    if (sanitizer == null) {
      add(name, Outcome.SKIPPED, "compute-sanitizer is not here: install it with the CUDA toolkit");
      return;
    }
    attempt(name, () -> {
      Path smallest = cases.stream().min(Comparator.comparingLong(file -> file.toFile().length())).orElseThrow();
      var program =
          List.of(sanitizer.toString(), "--tool=memcheck", "--error-exitcode=" + SANITIZER_FOUND,
              "--target-processes=all");
      var end = verification(strategy, List.of(smallest)).under(program).run();
      return switch (end.exitCode()) {
        case 0 -> new Check(name, Outcome.PASS, "no memory error in " + smallest.getFileName() + ", " + strategy);
        case SANITIZER_FOUND -> new Check(name, Outcome.FAIL, "memory errors: " + summary(end));
        default -> new Check(name, Outcome.FAIL, end.sentence());
      };
    });
  }

  private static String summary(CommandProcess.End end) {
    return (end.out() + end.err()).lines().filter(line -> line.startsWith("=====")).limit(6)
        .map(line -> line.replaceFirst("=+ ?", "").strip())
        .reduce((first, second) -> first + " " + second)
        .orElse("it does not say which");
  }

  /** Memory and speed of strategies. */
  List<Figure> bench(List<String> strategies, List<String> network) {
    String name = "bench";
    if (strategies.isEmpty()) {
      add(name, Outcome.SKIPPED, "no strategy computes as it should");
      return List.of();
    }
    var figures = new ArrayList<Figure>();
    attempt(name, () -> {
      var command =
          List.of("bench", "memory", "--json", "--device=" + device, "--strategies=" + String.join(",", strategies));
      var end = ours(joined(command, network)).run();
      if (end.exitCode() != 0) {
        return new Check(name, Outcome.FAIL, end.sentence());
      }
      figures.addAll(figures(Json.parse(end.out(), "what bench printed")));
      var unmeasured = figures.stream().filter(figure -> Double.isNaN(figure.value())).map(Figure::name).toList();
      return unmeasured.isEmpty()
          ? new Check(name, Outcome.PASS, "measured " + String.join(", ", strategies))
          : new Check(name, Outcome.FAIL, "too little memory for " + String.join(", ", unmeasured));
    });
    return figures;
  }

  private static List<Figure> figures(Map<String, Object> printed) {
    var model = (Map<?, ?>) ((List<?>) printed.get("models")).getFirst();
    return ((List<?>) model.get("strategies")).stream().map(row -> (Map<?, ?>) row).flatMap(row -> Stream.of(
        figure("memory of " + row.get("strategy"), Quantity.MEMORY, row.get("planned_bytes")),
        figure("speed of " + row.get("strategy"), Quantity.SPEED, row.get("images_per_second")))).toList();
  }

  private static Figure figure(String name, Quantity quantity, Object value) {
    return new Figure(name, quantity, value == null ? Double.NaN : ((Number) value).doubleValue());
  }

  private void attempt(String name, Supplier<Check> attempt) {
    Check check;
    try {
      check = attempt.get();
    } catch (DensenetException e) {
      check = new Check(name, Outcome.FAIL, e.getMessage());
    }
    add(check.name(), check.outcome(), check.detail());
  }
}
