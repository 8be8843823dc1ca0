package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DensenetException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what a command throws into one sentence on the error stream and an exit code. */
final class Failures {
  private static final int FAILED = 1;
  private static final int BAD_ARGUMENTS = 2;

  private final Console console;
  private final BooleanSupplier stackTrace;

  Failures(Console console, BooleanSupplier stackTrace) {
    this.console = console;
    this.stackTrace = stackTrace;
  }

  /** Returns the exit code. */
  int report(Throwable failure) {
    print(
        switch (failure) {
          case DensenetException known -> FieldOptions.message(known);
          case ParameterException known -> sentence(known);
          case OutOfMemoryError known ->
              "the Java heap is too small for this (" + known.getMessage()
                  + "): give it more with DENSENET4J_JAVA_OPTS=-Xmx4g";
          default -> "this is a bug: " + failure + "; run again with --stacktrace and report what it shows";
        });
    if (stackTrace.getAsBoolean()) {
      failure.printStackTrace(console.err());
    }
    return failure instanceof ConfigurationException || failure instanceof ParameterException ? BAD_ARGUMENTS : FAILED;
  }

  /**
   * Looks whether the output took everything. A reader that goes early, as {@code head} does, knows why.
   *
   * @return the exit code of a command that ended with {@code exitCode}, given what became of its output
   */
  int unlessOutputIsLost(int exitCode) {
    if (!console.out().checkError()) {
      return exitCode;
    }
    String reason = console.whyLost().get().orElse("it was refused");
    if (!reason.contains("Broken pipe")) {
      print("the output was not written to its end: " + reason);
    }
    return exitCode == 0 ? FAILED : exitCode;
  }

  private void print(String message) {
    String line = message.lines().map(String::strip).collect(Collectors.joining(" "));
    console.err().println("densenet4j: " + line);
  }

  private static String sentence(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
      String written = unmatched.getUnmatched().getFirst().split("=", 2)[0];
      return failure.getMessage() + ", did you mean "
          + String.join(" or ", nearest(written, unmatched.getSuggestions())) + "?";
    }
    return failure.getMessage() + "; see " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help";
  }

  /** Those with the fewest letters to change. */
  private static List<String> nearest(String written, List<String> suggestions) {
    int least = suggestions.stream().mapToInt(name -> changes(written, name)).min().orElseThrow();
    return suggestions.stream().filter(name -> changes(written, name) == least).toList();
  }

  /** Letters to add, remove or replace (Levenshtein). */
  private static int changes(String from, String to) {
    int[] row = IntStream.rangeClosed(0, to.length()).toArray();
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
