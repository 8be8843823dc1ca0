package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void replacesTheWholeFile() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeText(file, "a long first text");
    AtomicFile.writeText(file, "größer");
    assertThat(file).hasContent("größer");
    assertThat(folder).isDirectoryContaining(file::equals);
    assertThat(Files.list(folder)).hasSize(1);
  }

  @Test
  void writesARelativePath() throws IOException {
    Path file = Path.of("atomic-file-test-" + ProcessHandle.current().pid() + ".txt");
    try {
      AtomicFile.writeText(file, "here");
      assertThat(file).hasContent("here");
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Test
  void fullDiskLeavesTheOldFileAndNamesTheRemedy() throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    AtomicFile.writeText(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      AtomicFile.writeFully(channel, ByteBuffer.allocate(100_000));
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "cannot write %s: no space left on device, so free some space or choose another output folder", file);
    assertUntouched(file);
  }

  @Test
  void exceptionOfTheBodyPassesAndLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeText(file, "old");
    var failure = new IllegalStateException("the producer failed");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      AtomicFile.writeFully(channel, ByteBuffer.allocate(10));
                      throw failure;
                    }))
        .isSameAs(failure);
    assertUntouched(file);
  }

  @Test
  void missingFolderIsNamed() {
    Path file = folder.resolve("missing").resolve("a.txt");
    assertThatThrownBy(() -> AtomicFile.writeText(file, "text"))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot write %s: the folder %s does not exist", file, file.getParent());
  }

  @Test
  void folderInPlaceOfTheFileIsNamed() throws IOException {
    Path file = Files.createDirectory(folder.resolve("a.txt"));
    assertThatThrownBy(() -> AtomicFile.writeText(file, "text"))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot write %s: it is a folder", file);
    assertThat(Files.list(folder)).containsExactly(file);
  }

  @Test
  void aLinkStaysAndItsTargetIsReplaced() throws IOException {
    Path shelf = Files.createDirectory(folder.resolve("shelf"));
    Path file = shelf.resolve("a.txt");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("shelf/second"));
    Files.createSymbolicLink(shelf.resolve("second"), file);
    for (String text : new String[] {"first", "then"}) {
      AtomicFile.writeText(link, text);
      assertThat(link).isSymbolicLink().hasContent(text);
      assertThat(shelf.resolve("second")).isSymbolicLink();
      assertThat(file).isRegularFile();
    }
    assertThat(Files.list(shelf)).hasSize(2);
  }

  @Test
  void aLinkThatLeadsBackIsRefused() throws IOException {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, link);
    assertThatThrownBy(() -> AtomicFile.writeText(link, "text"))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot write %s: it is a link that leads back to itself", link);
  }

  private void assertUntouched(Path file) throws IOException {
    assertThat(file).hasContent("old");
    assertThat(Files.list(folder)).containsExactly(file);
  }
}
