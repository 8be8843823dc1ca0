package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.library.NativeFiles;
import io.github.densenet4j.internal.cli.NightlyLog.Finding;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Whether a GPU computes as it should: checks, each in processes of its own. */
final class NightlyChecks {
  private static final String FATBIN = "densenet4j.fatbin";
  private static final int SANITIZER_FOUND = 86;

  private final String device;
  private final List<Path> cases;
  private final NightlyLog log;
  private final Map<String, StrategyVerdict> verdicts = new LinkedHashMap<>();
  private String gpu = "none";

  /** @param cases reference cases, at least one */
  NightlyChecks(String device, List<Path> cases, NightlyLog log) {
    this.device = device;
    this.cases = List.copyOf(cases);
    this.log = log;
  }

  /** What {@link #doctor} saw. */
  String gpu() {
    return gpu;
  }

  private static CommandProcess ours(List<String> arguments) {
    return CommandProcess.ofThisProgram(List.of(), arguments);
  }

  /** Whether the device is ready; nothing else is worth a try if not. */
  boolean doctor() {
    return log.make("doctor", () -> {
      var end = log.run(ours(List.of("doctor", "--json", "--device=" + device)));
      if (end.out().isBlank()) {
        return Finding.fail(device + ": " + end.sentence());
      }
      var findings = Json.parse(end.out(), "what doctor printed");
      read(findings);
      var verdict = device + ": " + ((Map<?, ?>) findings.get("devices")).get(device);
      return end.exitCode() == 0 ? Finding.pass(verdict) : Finding.fail(verdict);
    }) == Outcome.PASS;
  }

  /** Takes from doctor's findings what the other checks need. */
  void read(Map<String, Object> findings) {
    if (findings.get(GpuExamination.DEVICE) instanceof Map<?, ?> cuda) {
      ((List<?>) cuda.get("gpus")).stream().findFirst()
          .ifPresent(found -> gpu = (String) ((Map<?, ?>) found).get("name"));
    }
    if (findings.get(GpuExamination.STRATEGIES) instanceof Map<?, ?> strategies) {
      strategies.forEach((name, verdict) -> verdicts.put((String) name, StrategyVerdict.of((Map<?, ?>) verdict)));
    }
  }

  /**
   * Compares with PyTorch. What doctor found no part for is skipped.
   *
   * @return whether the strategy computes as it should on this device
   */
  boolean verify(NightlyVariant variant) {
    return log.make("verify " + variant.label(), () -> {
      var verdict = verdicts.get(variant.strategy());
      if (verdict != null && verdict.state() == StrategyVerdict.State.LACKING) {
        return Finding.skipped(verdict.reason());
      }
      var end = log.run(verification(variant, cases));
      if (end.exitCode() == 0) {
        return Finding.pass(cases.size() + (cases.size() == 1 ? " case agrees" : " cases agree") + " with PyTorch");
      }
      return Finding.fail(end.out().isBlank() ? end.sentence() : failing(Json.parse(end.out(), "what verify printed")));
    }) == Outcome.PASS;
  }

  private CommandProcess verification(NightlyVariant variant, List<Path> files) {
    return ours(
        Stream.of(
                List.of("verify", "--json", "--device=" + device), variant.options(),
                files.stream().map(Path::toString).toList())
            .flatMap(List::stream)
            .toList());
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
    log.make("kernels", () -> {
      if (test == null) {
        return Finding.skipped("--kernels-test was not given");
      }
      Path fatbin = NativeFiles.find("the CUDA kernels", "", List.of(FATBIN)).resolve(FATBIN);
      var command = new ArrayList<>(List.of(test.toAbsolutePath().toString(), fatbin.toString()));
      if (device.equals(GpuExamination.DEVICE)) {
        command.add("gpu");
      }
      var end = log.run(new CommandProcess(command));
      return end.exitCode() == 0
          ? Finding.pass("every kernel agrees with plain C++, on " + end.out().strip())
          : Finding.fail(end.sentence());
    });
  }

  /**
   * Verifies the smallest case once more, watched by compute-sanitizer. Where that cannot watch, as in many containers,
   * it is skipped.
   */
  void sanitizer(Path sanitizer, NightlyVariant variant) {
    log.make("compute-sanitizer", () -> {
      if (sanitizer == null) {
        return Finding.skipped("compute-sanitizer is not here: install it with the CUDA toolkit");
      }
      Path smallest = cases.stream().min(Comparator.comparingLong(file -> file.toFile().length())).orElseThrow();
      var program =
          List.of(sanitizer.toString(), "--tool=memcheck", "--report-api-errors=no",
              "--error-exitcode=" + SANITIZER_FOUND, "--target-processes=all");
      var end = log.run(verification(variant, List.of(smallest)).under(program));
      return switch (end.exitCode()) {
        case 0 -> Finding.pass("no memory error in " + smallest.getFileName() + ", " + variant.label());
        case SANITIZER_FOUND -> Finding.fail("memory errors: " + summary(end));
        case CommandProcess.End.EXPIRED -> Finding.fail(end.sentence());
        default ->
            ran(end)
                ? Finding.fail("under compute-sanitizer: " + end.sentence())
                : Finding.skipped("compute-sanitizer does not work here: " + summary(end));
      };
    });
  }

  /** Whether the program itself came to an end, with its figures or its sentence. */
  private static boolean ran(CommandProcess.End end) {
    return end.explained() || end.out().lines().anyMatch(line -> line.startsWith("{"));
  }

  private static String summary(CommandProcess.End end) {
    return (end.out() + end.err()).lines().filter(line -> line.startsWith("=====")).limit(6)
        .map(line -> line.replaceFirst("=+ ?", "").strip())
        .reduce((first, second) -> first + " " + second)
        .orElse("exit code " + end.exitCode() + ", " + end.sentence());
  }
}
