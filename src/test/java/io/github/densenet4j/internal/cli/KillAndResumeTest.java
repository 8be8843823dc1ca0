package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings in processes of their own, which are killed or run out of disk. */
class KillAndResumeTest {
  private static final List<String> OPTIONS =
      List.of(
          "--epochs=16", "--batch-size=8", "--checkpoint-every=3", "--dropout=0.1", "--augment=cifar",
          "--schedule=cosine");
  private static final int MANY_KILLS = 6;
  private static final int SIGKILLED = 128 + 9;
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final String STOPPING = "stopping after this step; Ctrl-C again stops at once";

  /** A test that runs in the background of a shell would pass on that the signal is ignored. */
  private static final List<String> INTERRUPTIBLE = List.of("env", "--default-signal=INT");

  @TempDir private Path temporary;
  private Path data;

  @BeforeEach
  void writeData() throws IOException {
    data = temporary.resolve("data");
    TestFiles.writeLearnableIdxFolder(data, 96, 40, 8);
  }

  /** A training, and where it writes what it says. */
  private record Training(Process process, Path out, Path log) {
    private Path last() {
      return out.resolve("checkpoint-last.safetensors");
    }

    private FileTime lastWritten() throws IOException {
      return Files.exists(last()) ? Files.getLastModifiedTime(last()) : FileTime.fromMillis(0);
    }

    /** Waits for a checkpoint newer than {@code before} or the end of the process. */
    void awaitCheckpoint(FileTime before) throws Exception {
      long end = System.nanoTime() + LONGEST.toNanos();
      while (process.isAlive() && lastWritten().equals(before)) {
        assertThat(System.nanoTime()).as("no checkpoint in time: %s", Files.readString(log)).isLessThan(end);
        Thread.sleep(5);
      }
    }

    void awaitText(String text) throws Exception {
      long end = System.nanoTime() + LONGEST.toNanos();
      while (!Files.readString(log).contains(text)) {
        assertThat(process.isAlive()).as("ended without '%s': %s", text, Files.readString(log)).isTrue();
        assertThat(System.nanoTime()).as("no '%s' in time: %s", text, Files.readString(log)).isLessThan(end);
        Thread.sleep(5);
      }
    }

    void interrupt() throws Exception {
      assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor()).isZero();
    }

    int exitCode() throws Exception {
      assertThat(process.waitFor(LONGEST)).as("ended in time").isTrue();
      return process.exitValue();
    }
  }

  private Training start(Path out, List<String> prefix, String... more) throws IOException {
    var command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
            "-XX:-UsePerfData", CommandRun.BRIEF, "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
            Main.class.getName(), "train", "--data=idx:" + data, "--out=" + out));
    Stream.concat(CommandRun.TINY.stream(), OPTIONS.stream())
        .filter(option -> Stream.of(more).noneMatch(sameName(option)))
        .forEach(command::add);
    command.addAll(List.of(more));
    File log = temporary.resolve("log.txt").toFile();
    var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    return new Training(process, out, log.toPath());
  }

  private static Predicate<String> sameName(String option) {
    return other -> other.split("=")[0].equals(option.split("=")[0]);
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** The columns that the clock has no part in. */
  private static List<String> metrics(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> String.join(",", List.of(line.split(",")).subList(0, 6)))
        .toList();
  }

  @Test
  void aKilledTrainingEndsInTheBytesOfOneThatWasNot() throws Exception {
    killAndResume(1);
  }

  @Test
  @Tag("slow")
  void aTrainingKilledAtManyMomentsEndsInTheBytesOfOneThatWasNot() throws Exception {
    killAndResume(MANY_KILLS);
  }

  private void killAndResume(int kills) throws Exception {
    Path whole = temporary.resolve("whole");
    CommandRun.train(data, whole, Stream.concat(OPTIONS.stream(), Stream.of("--threads=1")).toArray(String[]::new))
        .done();

    Path out = temporary.resolve("killed");
    var random = new Random(20_17);
    int killed = 0;
    for (int i = 0; i < kills; i++) {
      var training = start(out, List.of(), "--resume", "--threads=" + (1 + i % 2));
      training.awaitCheckpoint(training.lastWritten());
      Thread.sleep(random.nextInt(150));
      training.process().destroyForcibly();
      killed += training.exitCode() == SIGKILLED ? 1 : 0;
    }
    assertThat(killed).as("killed before their end").isGreaterThanOrEqualTo((kills + 1) / 2);

    var last = start(out, List.of(), "--resume", "--threads=2");
    assertThat(last.exitCode()).as(Files.readString(last.log())).isZero();
    assertThat(last.last()).hasSameBinaryContentAs(whole.resolve("checkpoint-last.safetensors"));
    assertThat(out.resolve("checkpoint-best.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("checkpoint-best.safetensors"));
    assertThat(metrics(out)).isEqualTo(metrics(whole));
    assertThat(list(out)).isEqualTo(list(whole));
  }

  @Test
  void anInterruptedTrainingFinishesItsStepAndSaysHowToGoOn() throws Exception {
    Path out = temporary.resolve("interrupted");
    var training = start(out, INTERRUPTIBLE, "--epochs=100000", "--checkpoint-every=0");
    training.awaitCheckpoint(training.lastWritten());
    training.interrupt();
    assertThat(training.exitCode()).isEqualTo(130);
    assertThat(Files.readAllLines(training.log()))
        .contains(STOPPING)
        .last().isEqualTo("stopped; the same command with --resume goes on from " + training.last());
    assertThat(list(out)).contains("checkpoint-last.safetensors").doesNotContain(".lock");
    var resumed = start(out, List.of(), "--epochs=100000", "--checkpoint-every=0", "--resume");
    resumed.awaitCheckpoint(resumed.lastWritten());
    resumed.process().destroyForcibly().waitFor();
  }

  @Test
  @Tag("slow")
  void aSecondInterruptDoesNotWaitForTheStep() throws Exception {
    Path out = temporary.resolve("halted");
    // One step of this takes seconds, and is all of an epoch.
    var training =
        start(out, INTERRUPTIBLE, "--growth-rate=40", "--block-config=31,31,31", "--batch-size=96", "--threads=1");
    training.awaitText("precision");
    training.interrupt();
    training.awaitText(STOPPING);
    training.interrupt();
    assertThat(training.exitCode()).isEqualTo(130);
    assertThat(Files.readString(training.log())).endsWith(STOPPING + "\n\n").doesNotContain("stopped;");
    assertThat(list(out)).doesNotContain("checkpoint-last.safetensors");
  }

  @Test
  void aFolderBelongsToOneTrainingAtATime() throws Exception {
    Path out = temporary.resolve("shared");
    var first = start(out, List.of(), "--epochs=100000");
    first.awaitCheckpoint(first.lastWritten());
    for (String resume : new String[] {"--threads=1", "--resume"}) {
      CommandRun.train(data, out, resume)
          .refused(1, "another training is using " + out + ": wait until it ends, or choose another --out");
    }
    first.process().destroyForcibly().waitFor();
    CommandRun.train(data, out, "--batch-size=8").refused(2, out + " has a training in it");
    assertThat(list(out)).contains("checkpoint-last.safetensors").doesNotContain(".lock");
  }

  @Test
  void aFullDiskEndsInOneSentenceAndLeavesNoHalfFile() throws Exception {
    Path out = temporary.resolve("full");
    // The shell's limit on the size of a file fails a write as a full disk does; a checkpoint takes more than 32 KiB.
    var training = start(out, List.of("bash", "-c", "ulimit -f 32 && exec \"$@\"", "bash"));
    assertThat(training.exitCode()).isEqualTo(1);
    assertThat(Files.readAllLines(training.log()).getLast())
        .startsWith("densenet4j: cannot write " + training.last() + ": ");
    assertThat(list(out)).containsExactly("config.json", "metrics.csv");
  }
}
