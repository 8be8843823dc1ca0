package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.data.ImageFiles.Uncertain;
import io.github.densenet4j.data.Preprocessing.Interpolation;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code densenet4j}. Exit code 0: done; 1: the check or run failed; 2: bad arguments. */
@Command(
    name = "densenet4j",
    description = "Trains, evaluates and runs DenseNets.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    usageHelpWidth = 100,
    abbreviateSynopsis = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      PlanCommand.class,
      PackCommand.class,
      BenchCommand.class,
      VerifyCommand.class,
      DoctorCommand.class,
      NightlyCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main {
  private final Console console;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an unexpected error arose.")
  private boolean stackTrace;

  private Main(Console console) {
    this.console = console;
  }

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // digits of messages, as those of files
    System.exit(run(args, Console.ofProcess()));
  }

  /**
   * Runs one command as if its output went to files.
   *
   * @return the exit code
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    return run(args, Console.ofFiles(out, err));
  }

  static int run(String[] args, Console console) {
    var main = new Main(console);
    var failures = new Failures(console, () -> main.stackTrace);
    var ansi = console.terminal() ? Help.Ansi.AUTO : Help.Ansi.OFF;
    var commandLine =
        new CommandLine(main)
            .setOut(new PrintWriter(console.out(), true))
            .setErr(new PrintWriter(console.err(), true))
            .setColorScheme(Help.defaultColorScheme(ansi))
            .registerConverter(RecipeOptions.ScheduleName.class, new Choice<>(RecipeOptions.ScheduleName.class))
            .registerConverter(VariationOptions.Name.class, new Choice<>(VariationOptions.Name.class))
            .registerConverter(Interpolation.class, new Choice<>(Interpolation.class))
            .registerConverter(Uncertain.class, new Choice<>(Uncertain.class))
            .registerConverter(BenchCommand.Mode.class, new Choice<>(BenchCommand.Mode.class))
            .registerConverter(DeviceOptions.Name.class, new Choice<>(DeviceOptions.Name.class, DeviceOptions.Name::label))
            .registerConverter(Path.class, Main::path)
            .registerConverter(Stem.class, new Choice<>(Stem.class))
            .registerConverter(Strategy.class, new Choice<>(Strategy.class))
            .registerConverter(MemoryLevel.class, new Choice<>(MemoryLevel.class))
            .registerConverter(
                StrategyOptions.PrecisionName.class,
                new Choice<>(StrategyOptions.PrecisionName.class, StrategyOptions.PrecisionName::label))
            .setParameterExceptionHandler((failure, _) -> failures.report(failure))
            .setExecutionExceptionHandler((failure, _, _) -> failures.report(failure));
    try {
      return failures.unlessOutputIsLost(commandLine.execute(args));
    } catch (Error failure) { // picocli's handlers are for exceptions only
      return failures.report(failure);
    }
  }

  /** An empty name, as of a variable that is not set, would be the present folder. */
  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new CommandLine.TypeConversionException("it is empty, expected the name of a file or folder");
    }
    return Path.of(text);
  }

  Console console() {
    return console;
  }
}
