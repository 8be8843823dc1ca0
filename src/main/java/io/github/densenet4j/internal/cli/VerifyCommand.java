package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "verify",
    customSynopsis = "densenet4j verify [OPTIONS] [FILE...]",
    description = "Compares training steps with those of float64 PyTorch; fails if an error is above its limit.")
final class VerifyCommand implements Callable<Integer> {
  /** Names the folder of the golden cases. */
  private static final String FOLDER_PROPERTY = "densenet4j.reference";

  @ParentCommand private Main main;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "reference cases (*.safetensors; default: the golden cases of the repository)")
  private List<Path> files = List.of();

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(names = "--json", description = "print the errors as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    var lowering = strategyOptions.lowering();
    var results = new ArrayList<Verification>();
    try (var backend = deviceOptions.backend();
        var processor = new CpuBackend(deviceOptions.threads())) {
      for (var file : files.isEmpty() ? golden() : files) {
        var result = Verification.run(file, backend, lowering, processor);
        results.add(result);
        if (!json) {
          describe(result);
        }
      }
    }
    boolean pass = results.stream().allMatch(Verification::pass);
    if (json) {
      main.console().out().println(Json.toText(files.size() == 1 ? object(results.getFirst()) : object(results, pass)));
    }
    return pass ? 0 : 1;
  }

  /**
   * The golden cases of the repository.
   *
   * @throws ConfigurationException if the property does not name their folder
   */
  static List<Path> golden() {
    String folder = System.getProperty(FOLDER_PROPERTY);
    if (folder == null) {
      throw new ConfigurationException(
          "no reference case is named: give at least one FILE, or the folder of the golden cases as the system "
              + "property " + FOLDER_PROPERTY);
    }
    if (!Files.isDirectory(Path.of(folder))) {
      throw new ConfigurationException(
          folder + " is missing or not a folder, expected one with the golden cases: give a FILE");
    }
    try (var found = Files.list(Path.of(folder))) {
      var cases = found.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
      if (cases.isEmpty()) {
        throw new ConfigurationException(
            folder + " has no *.safetensors files, expected the golden cases: give a FILE");
      }
      return cases;
    } catch (IOException e) {
      throw new ConfigurationException(folder + " cannot be listed (" + e.getMessage() + "): give a FILE", e);
    }
  }

  private static Map<String, Object> object(Verification result) {
    var object = new LinkedHashMap<String, Object>();
    object.put("case", result.caseName());
    object.put("device", result.device());
    object.put("strategy", result.strategy());
    object.put("max_error", result.errors().byName());
    object.put("pass", result.pass());
    return object;
  }

  private static Map<String, Object> object(List<Verification> results, boolean pass) {
    var object = new LinkedHashMap<String, Object>();
    object.put("cases", results.stream().map(VerifyCommand::object).toList());
    object.put("pass", pass);
    return object;
  }

  private void describe(Verification result) {
    var out = main.console().out();
    out.println(
        result.caseName() + " on " + result.device() + ", " + result.strategy() + ": "
            + (result.pass() ? "pass" : "FAIL"));
    var table = new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.RIGHT).row("  error of", "found", "limit");
    var limits = result.limits().byName();
    result
        .errors()
        .byName()
        .forEach((group, error) -> table.row("  " + group, scientific(error), scientific(limits.get(group))));
    table.print(out);
  }

  private static String scientific(double value) {
    return String.format(Locale.ROOT, "%.1e", value);
  }
}
