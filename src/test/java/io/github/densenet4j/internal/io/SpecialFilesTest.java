package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipes and devices: written into, never replaced, never waited for. */
class SpecialFilesTest {
  @TempDir Path folder;

  @Test
  void devicesAreWrittenIntoAndStay() throws IOException {
    AtomicFile.writeText(Path.of("/dev/null"), "text");
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    Path full = Files.createSymbolicLink(folder.resolve("full"), Path.of("/dev/full"));
    assertThatThrownBy(() -> AtomicFile.writeText(full, "text"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("cannot write %s: no space left on device".formatted(full));
    assertThat(Files.isRegularFile(Path.of("/dev/full"))).isFalse();
    assertThat(full).isSymbolicLink();
    Files.delete(full);
  }

  @Test
  void aPipeIsWrittenInto() throws Exception {
    Path pipe = pipe();
    try (var reader = Executors.newSingleThreadExecutor()) {
      var read = reader.submit(() -> Files.readString(pipe));
      AtomicFile.writeText(pipe, "through the pipe");
      assertThat(read.get()).isEqualTo("through the pipe");
    }
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }

  @Test
  void aPipeIsNoInput() throws Exception {
    Path pipe = pipe();
    String state = "cannot read %s: it is a pipe or a device, expected a regular file".formatted(pipe);
    assertThatThrownBy(() -> SafetensorsFile.open(pipe)).isInstanceOf(CheckpointException.class).hasMessage(state);
    assertThatThrownBy(() -> Json.read(pipe)).isInstanceOf(CheckpointException.class).hasMessage(state);
    assertThatThrownBy(() -> MetricsCsv.read(pipe)).isInstanceOf(CheckpointException.class).hasMessage(state);
    assertThatThrownBy(() -> Images.read(pipe)).isInstanceOf(DataException.class).hasMessageContaining("is not a file");
  }

  private Path pipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor()).isZero();
    return pipe;
  }
}
