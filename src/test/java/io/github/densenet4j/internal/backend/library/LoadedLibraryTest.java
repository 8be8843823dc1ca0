package io.github.densenet4j.internal.backend.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedLibraryTest {
  private static final Path FILE = Path.of(System.getProperty("java.home"), "lib", "libzip.so");

  @TempDir private Path folder;

  @Test
  void missingFunctionIsNamed() {
    var library = LoadedLibrary.load("zip", FILE);
    assertThatThrownBy(() -> library.bind("zipFly", NativeType.INT))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("zip in " + FILE + " has no function zipFly", "install");
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> LoadedLibrary.load("zip", Path.of("/nowhere/libzip.so"), "ask"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("zip cannot be loaded", "/nowhere/libzip.so")
        .hasMessageEndingWith(": ask");
  }

  /** The CPU kernels of any instruction set that stands alone: which there are depends on the build. */
  private static Path kernels() throws IOException {
    Path natives = NativeFiles.find("JCuda's parts", "", List.of("libJCudaDriver-12.6.0-linux-x86_64.so"));
    try (var files = Files.newDirectoryStream(natives, "libdensenet4j_cpu_{generic,avx2,avx512}.so")) {
      return files.iterator().next();
    }
  }

  @Test
  void aLibraryThatTheSystemLacksIsNamed() throws IOException {
    String text = Files.readString(kernels(), StandardCharsets.ISO_8859_1);
    assertThat(text).contains("libm.so.6");
    Path altered = folder.resolve("libaltered.so");
    Files.writeString(altered, text.replace("libm.so.6", "libm.so.0"), StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> LoadedLibrary.load("the kernels", altered, "ask"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("libm.so.0: cannot open", "install libm.so.0")
        .hasMessageNotContaining("ask");
  }
}
