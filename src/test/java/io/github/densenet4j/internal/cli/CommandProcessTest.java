package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandProcessTest {
  @TempDir private Path folder;

  private static CommandProcess shell(String script, Object... arguments) {
    var command = new ArrayList<>(List.of("bash", "-c", script, "test"));
    List.of(arguments).forEach(argument -> command.add(argument.toString()));
    return new CommandProcess(command);
  }

  @Test
  void whatWritesMuchOnBothStreamsComesToItsEnd() {
    var end = shell("for stream in 1 2; do head -c 300000 /dev/zero | tr '\\0' 'x' >&$stream; done; exit 5").run();
    assertThat(end.exitCode()).isEqualTo(5);
    assertThat(end.out()).hasSize(300_000);
    assertThat(end.err()).hasSize(300_000);
  }

  /** The first process waits for its child, which holds the streams open. */
  @Test
  void whatTakesTooLongIsEndedWithItsChildren() throws IOException {
    Path pids = folder.resolve("pids");
    var end = shell("echo before; sleep 600 & echo $! >\"$1\"; wait", pids).run(Duration.ofSeconds(1));
    assertThat(end.exitCode()).isEqualTo(CommandProcess.End.EXPIRED);
    assertThat(end.sentence()).isEqualTo("it took longer than 1 s and was ended");
    assertThat(end.out()).startsWith("before");
    long child = Long.parseLong(Files.readString(pids).strip());
    ProcessHandle.of(child).ifPresent(left -> left.onExit().join()); // it may still be on its way out
  }
}
