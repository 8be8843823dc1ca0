package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.internal.report.NightlyReport.Check;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The checks that a nightly run has made. Each process gets the same time; where two have hung, the GPU hangs, and the
 * other checks are left out.
 */
final class NightlyLog {
  private static final int MOST_EXPIRED = 2;

  private final Duration limit;
  private final Console console;
  private final List<Check> checks = new ArrayList<>();
  private int expired;

  /** @param limit of each process */
  NightlyLog(Duration limit, Console console) {
    this.limit = limit;
    this.console = console;
  }

  List<Check> checks() {
    return checks;
  }

  /** Runs a process as long as it may take. */
  CommandProcess.End run(CommandProcess process) {
    var end = process.run(limit);
    if (end.exitCode() == CommandProcess.End.EXPIRED) {
      expired++;
    }
    return end;
  }

  /** Whether so many processes have hung that no other is worth its time. */
  boolean hopeless() {
    return expired >= MOST_EXPIRED;
  }

  /**
   * Makes a check and writes down what came of it; leaves it out where all is hopeless.
   *
   * @param check gives how it ended; a DensenetException is a failure
   */
  Outcome make(String name, Supplier<Finding> check) {
    if (hopeless()) {
      return note(name, leftOut());
    }
    try {
      return note(name, check.get());
    } catch (DensenetException e) {
      return note(name, Finding.fail(e.getMessage()));
    }
  }

  Finding leftOut() {
    return Finding.skipped("left out, because " + expired + " processes took longer than they may");
  }

  /** Writes down how a check ended. */
  Outcome note(String name, Finding finding) {
    console.err().println(name + ": " + Choice.label(finding.outcome()) + ", " + finding.detail());
    checks.add(new Check(name, finding.outcome(), finding.detail()));
    return finding.outcome();
  }

  /** How a check ended. */
  record Finding(Outcome outcome, String detail) {
    static Finding pass(String detail) {
      return new Finding(Outcome.PASS, detail);
    }

    static Finding fail(String detail) {
      return new Finding(Outcome.FAIL, detail);
    }

    static Finding skipped(String detail) {
      return new Finding(Outcome.SKIPPED, detail);
    }
  }
}
