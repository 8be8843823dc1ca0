package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.io.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a command left behind. */
record CommandRun(int exitCode, String out, String err) {
  /** A network that trains in no time, on images of 8x8 and more. */
  static final List<String> TINY = List.of("--growth-rate=4", "--block-config=2,2", "--init-features=8");

  /** For a JVM that ends before the slow compiler has done it any good. */
  static final String BRIEF = "-XX:TieredStopAtLevel=1";

  static CommandRun of(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int exitCode = Main.run(args, new PrintStream(out, true), new PrintStream(err, true));
    return new CommandRun(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** In a process of its own. */
  static CommandRun of(CommandProcess process) {
    var end = process.run();
    return new CommandRun(end.exitCode(), end.out(), end.err());
  }

  /** {@code train} with {@link #TINY} on an IDX folder. */
  static CommandRun train(Object folder, Object out, String... more) {
    var args = new ArrayList<>(List.of("train", "--data=idx:" + folder, "--out=" + out));
    args.addAll(TINY);
    args.addAll(List.of(more));
    return of(args.toArray(String[]::new));
  }

  /** Done, with nothing to complain about. */
  CommandRun done() {
    assertThat(exitCode).as(err).isZero();
    return this;
  }

  /** The one JSON object that is all of the output. */
  Map<String, Object> json() {
    done();
    return Json.parse(out, "stdout");
  }

  /** Nothing but one sentence on the error stream, which has all of these parts. */
  void refused(int expectedExitCode, String... parts) {
    assertThat(exitCode).as(out + err).isEqualTo(expectedExitCode);
    assertThat(out).isEmpty();
    assertThat(err).startsWith("densenet4j: ").endsWith(System.lineSeparator()).hasLineCount(1).contains(parts);
    assertThat(err).doesNotContain("Exception", "this is a bug");
  }
}
