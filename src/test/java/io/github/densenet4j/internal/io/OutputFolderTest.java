package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class OutputFolderTest {
  @TempDir Path folder;

  @Test
  void checkChangesNothing() {
    Path deep = folder.resolve("a/b/c");
    OutputFolder.check(deep);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void openCreatesTheFolders() {
    Path deep = folder.resolve("a/b/c");
    assertThat(OutputFolder.open(deep)).isEmpty();
    assertThat(deep).isEmptyDirectory();
  }

  @Test
  void openRemovesWhatAKilledRunLeft() throws IOException {
    Path stale = AtomicFile.temporaryFor(folder.resolve("checkpoint-last.safetensors"));
    Files.writeString(stale, "half");
    Path others = Files.writeString(folder.resolve(".notes.tmp"), "not ours");
    Path metrics = Files.writeString(folder.resolve("metrics.csv"), "kept");
    assertThat(OutputFolder.open(folder)).containsExactly(stale);
    assertThat(Files.list(folder)).containsExactlyInAnyOrder(others, metrics);
  }

  @Test
  void fileInTheWayIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("runs"), "a file");
    for (Path asked : new Path[] {file, file.resolve("first")}) {
      assertThatThrownBy(() -> OutputFolder.check(asked))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("cannot use %s as the output folder: %s is a file, expected a folder", asked, file);
    }
  }

  @Test
  void folderThatTakesNoFilesIsRefused() {
    // On Linux not even the superuser can create folders here.
    assertThatThrownBy(() -> OutputFolder.open(Path.of("/proc/densenet4j")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("cannot use /proc/densenet4j as the output folder: ");
  }
}
