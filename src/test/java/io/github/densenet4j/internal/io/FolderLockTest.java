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
class FolderLockTest {
  @TempDir Path temporary;

  @Test
  void aFolderThatComesToNothingGoesWithTheLock() {
    try (var _ = FolderLock.take(temporary.resolve("a/b"))) {
      assertThat(temporary.resolve("a/b")).isNotEmptyDirectory();
    }
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void aFolderThatWasThereOrIsUsedStays() throws IOException {
    Path there = Files.createDirectory(temporary.resolve("there"));
    FolderLock.take(there).close();
    assertThat(there).isEmptyDirectory();
    Path used = temporary.resolve("used");
    try (var _ = FolderLock.take(used)) {
      Files.writeString(used.resolve("metrics.csv"), "something");
    }
    assertThat(used).isDirectoryContaining("glob:**metrics.csv").isDirectoryNotContaining("glob:**.lock");
  }

  @Test
  void aSecondRunIsRefusedByEveryNameOfTheFolder() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("run"));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), folder);
    for (int i = 0; i < 2; i++) {
      try (var _ = FolderLock.take(folder)) {
        for (Path name : new Path[] {folder, link, folder.resolve("../run")}) {
          assertThatThrownBy(() -> FolderLock.take(name))
              .isInstanceOf(CheckpointException.class)
              .hasMessage("another training is using %s: wait until it ends, or choose another folder", name);
        }
      }
    }
  }

  @Test
  void theFileOfAKilledRunIsTakenOver() throws IOException {
    Files.createFile(temporary.resolve(".lock"));
    FolderLock.take(temporary).close();
    assertThat(temporary).isEmptyDirectory();
  }
}
