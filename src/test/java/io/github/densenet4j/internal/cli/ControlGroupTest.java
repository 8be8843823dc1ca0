package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.densenet4j.data.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings in control groups of their own, which the kernel kills if they take more than they are allowed. */
@Tag("slow")
class ControlGroupTest {
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");
  private static final Path VERSION_1 = VERSION_2.resolve("memory");
  private static final Pattern REFUSAL =
      Pattern.compile("in batches of (\\d+) .* needs (\\d+) MiB of memory .* use --batch-size (\\d+) or less");
  private static final int IMAGES = 2000;

  /** Enters the group whose file is the first argument, and starts the command with the others. */
  private static final String ENTER =
      "source scripts/lib/launch.sh && echo $$ > \"$1\" && shift && launch \"$@\"";

  @TempDir private Path temporary;

  /** Makes a group; aborts, and says so, where this process may not. */
  private static Path makeGroup(int mebibytes) throws IOException {
    boolean first = Files.isDirectory(VERSION_1);
    Path group = (first ? VERSION_1 : VERSION_2).resolve("densenet4j-test-" + ProcessHandle.current().pid());
    Path limit = group.resolve(first ? "memory.limit_in_bytes" : "memory.max");
    try {
      Files.createDirectory(group);
      Files.writeString(limit, Long.toString((long) mebibytes << 20));
    } catch (IOException e) {
      Files.deleteIfExists(group);
      System.err.println("NOT TESTED: batches in control groups, because this process can make none: " + e);
      abort("no control group can be made: " + e);
    }
    return group;
  }

  private CommandRun train(Path group, int batch) {
    var command = new ArrayList<>(List.of("bash", "-c", ENTER, "enter", group.resolve("cgroup.procs").toString()));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("java.class.path"), "--", "train"));
    command.addAll(List.of("--data=idx:" + temporary.resolve("data"), "--out=" + temporary.resolve("run" + batch)));
    command.addAll(CommandRun.TINY);
    command.addAll(List.of("--batch-size=" + batch, "--limit=" + batch, "--epochs=2", "--checkpoint-every=1"));
    return CommandRun.of(new CommandProcess(command));
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048})
  void theBatchThatARefusalRecommendsIsNotKilled(int mebibytes) throws IOException {
    TestFiles.writeLearnableIdxFolder(temporary.resolve("data"), IMAGES, 20, 64);
    Path group = makeGroup(mebibytes);
    try {
      var refused = train(group, IMAGES);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(1);
      Matcher words = REFUSAL.matcher(refused.err());
      assertThat(words.find()).as(refused.err()).isTrue();
      int batch = Integer.parseInt(words.group(3));
      double perImage = Double.parseDouble(words.group(2)) / IMAGES;
      assertThat(batch * perImage).as("of the group for the network, MiB").isGreaterThan(mebibytes / 3.0);
      train(group, batch).done();
    } finally {
      Files.delete(group);
    }
  }
}
