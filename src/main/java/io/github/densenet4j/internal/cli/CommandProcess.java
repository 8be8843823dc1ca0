package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program in a process of its own.
 *
 * @param command the program and its arguments
 */
record CommandProcess(List<String> command) {
  private static final String PREFIX = "densenet4j: ";
  private static final Duration UNLIMITED = Duration.ofDays(365);

  /** What a process that was ended may take to be gone; one that hangs in a driver may never be. */
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  CommandProcess {
    command = List.copyOf(command);
  }

  /**
   * How it ended.
   *
   * @param exitCode that of the program, or {@link #EXPIRED}
   * @param out all that it wrote to its output stream
   * @param err all that it wrote to its error stream
   */
  record End(int exitCode, String out, String err) {
    /** No program ends with this one: it took longer than it was given. */
    static final int EXPIRED = -1;

    /** The last line on the error stream, without the name of this program before it. */
    String sentence() {
      String last = err.lines().reduce((_, line) -> line).orElse("it said nothing");
      return last.startsWith(PREFIX) ? last.substring(PREFIX.length()) : last;
    }

    /** Whether it ended with a sentence of this program, not by an accident. */
    boolean explained() {
      return err.lines().reduce((_, line) -> line).filter(line -> line.startsWith(PREFIX)).isPresent();
    }
  }

  /** This program with this JVM, its class path and its {@code densenet4j.*} properties. */
  static CommandProcess ofThisProgram(List<String> jvmFlags, List<String> arguments) {
    var command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
        "-Xmx" + Runtime.getRuntime().maxMemory(), "-XX:+UseSerialGC"));
    command.addAll(jvmFlags);
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("densenet4j."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(arguments);
    return new CommandProcess(command);
  }

  /** The same under a program that takes a command as its last arguments. */
  CommandProcess under(List<String> program) {
    var all = new ArrayList<>(program);
    all.addAll(command);
    return new CommandProcess(all);
  }

  /** @throws DeviceException if the process cannot be started, or this thread is interrupted */
  End run() {
    return run(UNLIMITED);
  }

  /**
   * Runs it, and ends it with all that it started when {@code limit} is over.
   *
   * @throws DeviceException as {@link #run()}
   */
  End run(Duration limit) {
    try {
      var process = new ProcessBuilder(command).start();
      var end = new Thread(() -> kill(process));
      Runtime.getRuntime().addShutdownHook(end); // a process that computes must not outlive the one that asked
      try {
        return end(process, limit);
      } finally {
        kill(process);
        Runtime.getRuntime().removeShutdownHook(end);
      }
    } catch (IOException e) {
      throw new DeviceException("a process of its own cannot be started (" + e.getMessage() + ")", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeviceException("this was interrupted while it waited for another process", e);
    }
  }

  private static End end(Process process, Duration limit) throws InterruptedException {
    var errors = read(process.errorReader());
    var output = read(process.inputReader());
    if (process.waitFor(limit)) {
      return new End(process.exitValue(), output.join(), errors.join());
    }
    kill(process);
    return new End(End.EXPIRED, atOnce(output), atOnce(errors) + PREFIX + "it took longer than " + text(limit)
        + " and was ended");
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static String text(Duration limit) {
    return limit.toSecondsPart() == 0 ? limit.toMinutes() + " min" : limit.toSeconds() + " s";
  }

  /** In a thread of its own: a process waits if nobody takes what it writes. */
  private static CompletableFuture<String> read(Reader reader) {
    return CompletableFuture.supplyAsync(() -> text(reader), task -> Thread.ofPlatform().daemon().start(task));
  }

  /** Nothing where the end of the process has closed its stream under the reader. */
  private static String atOnce(CompletableFuture<String> text) {
    return text.completeOnTimeout("", FAREWELL.toSeconds(), TimeUnit.SECONDS).exceptionally(_ -> "").join();
  }

  private static String text(Reader reader) {
    try (reader) {
      return reader.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
