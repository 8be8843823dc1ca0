package io.github.densenet4j.internal.backend.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("cuda")
class MappedFilesTest {
  @Test
  void namesEachLibraryOnce() {
    var mapped =
        MappedFiles.of(
            List.of(
                "7f00-7f10 r-xp 00000000 08:01 42    /opt/with space/libcudnn_ops.so.9.1.0",
                "7f10-7f20 r--p 00000000 08:01 42    /opt/with space/libcudnn_ops.so.9.1.0",
                "7f20-7f30 r--p 00000000 08:01 43    /opt/libcudnn.txt",
                "7f30-7f40 rw-p 00000000 00:00 0",
                "7f40-7f50 rw-p 00000000 00:00 0     [heap]"));
    assertThat(mapped.named("libcudnn")).containsExactly(Path.of("/opt/with space/libcudnn_ops.so.9.1.0"));
  }

  @Test
  void seesThisProcess() {
    assertThat(MappedFiles.ofProcess().named("libjvm")).hasSize(1);
  }

  @Test
  void linksOfAFolderCountAsItsFiles(@TempDir Path root) throws IOException {
    var real = Files.createDirectories(root.resolve("versions")).toRealPath();
    var links = Files.createDirectory(root.resolve("lib"));
    var file = Files.createFile(real.resolve("libcudnn_ops.so.9.1.0"));
    Files.createSymbolicLink(links.resolve("libcudnn_ops.so.9"), file);
    Files.createSymbolicLink(links.resolve("libcudnn_ops.so"), Path.of("nowhere"));
    assertThat(MappedFiles.lieTogether(file, links)).isTrue();
    assertThat(MappedFiles.lieTogether(real.resolve("libcudnn_cnn.so.9.1.0"), links)).isFalse();
    assertThat(MappedFiles.lieTogether(file, root.resolve("missing"))).isFalse();
  }
}
