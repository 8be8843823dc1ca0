package io.github.densenet4j.internal.backend.library;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LoadedLibraryTest {
  private static final Path FILE = Path.of(System.getProperty("java.home"), "lib", "libzip.so");

  @Test
  void missingFunctionIsNamed() {
    var library = LoadedLibrary.load("zip", FILE);
    assertThatThrownBy(() -> library.bind("zipFly", NativeType.INT))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("zip in " + FILE + " has no function zipFly", "install");
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> LoadedLibrary.load("zip", Path.of("/nowhere/libzip.so")))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("zip cannot be loaded", "/nowhere/libzip.so");
  }
}
