package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training whose process ends before or after one of its renames and fsyncs, whichever it is, goes on to the bytes of
 * one that was not cut: these calls are where what is on the disk changes.
 */
class CutTrainingTest {
  private static final Path CUTTER = Path.of("build/native/test/libdensenet4j_end_at_sync.so");
  private static final int CUT = 137;
  private static final List<String> OPTIONS =
      List.of("--epochs=2", "--batch-size=8", "--limit=24", "--checkpoint-every=2", "--threads=1");

  @TempDir private Path temporary;
  private Path data;

  @BeforeEach
  void writeData() throws IOException {
    assertThat(CUTTER).as("what ends the process; scripts/build compiles it").isRegularFile();
    data = temporary.resolve("data");
    TestFiles.writeLearnableIdxFolder(data, 32, 16, 8);
  }

  /** Trains in a process that ends at the given call; 0 is to its end. */
  private int train(Path out, int cut) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:-UsePerfData", CommandRun.BRIEF, "-XX:+UseSerialGC", "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), "train", "--data=idx:" + data,
                "--out=" + out, "--resume"));
    command.addAll(CommandRun.TINY);
    command.addAll(OPTIONS);
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(temporary.resolve("log").toFile());
    builder.environment().put("LD_PRELOAD", CUTTER.toAbsolutePath().toString());
    builder.environment().put("END_AT_SYNC", Integer.toString(cut));
    builder.environment().put("END_AT_SYNC_FILE", temporary.resolve("count").toString());
    return builder.start().waitFor();
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void checkCut(Path whole, int cut) throws Exception {
    Path out = temporary.resolve("cut" + cut);
    assertThat(train(out, cut)).as("cut at %d: %s", cut, Files.readString(temporary.resolve("log"))).isEqualTo(CUT);
    assertThat(train(out, 0)).as("after %d: %s", cut, Files.readString(temporary.resolve("log"))).isZero();
    assertThat(list(out)).as("after %d", cut).isEqualTo(list(whole));
    for (String name : List.of("checkpoint-last.safetensors", "checkpoint-best.safetensors", "config.json")) {
      assertThat(out.resolve(name)).as("after %d", cut).hasSameBinaryContentAs(whole.resolve(name));
    }
  }

  private int calls(Path whole) throws Exception {
    assertThat(train(whole, 0)).as(Files.readString(temporary.resolve("log"))).isZero();
    return Integer.parseInt(Files.readString(temporary.resolve("count")));
  }

  /** Between the last checkpoint of an epoch and the best one. */
  @Test
  void aCutBetweenTheTwoCheckpointsOfAnEpoch() throws Exception {
    Path whole = temporary.resolve("whole");
    int calls = calls(whole);
    assertThat(calls).isGreaterThan(20);
    checkCut(whole, -(calls - 3));
  }

  @Test
  @Tag("slow")
  void aCutAtEveryRenameAndSync() throws Exception {
    Path whole = temporary.resolve("whole");
    int calls = calls(whole);
    for (int cut : IntStream.rangeClosed(1, calls).flatMap(n -> IntStream.of(n, -n)).toArray()) {
      checkCut(whole, cut);
    }
  }
}
