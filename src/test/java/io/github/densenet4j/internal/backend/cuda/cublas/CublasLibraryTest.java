package io.github.densenet4j.internal.backend.cuda.cublas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.Installation;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cuBLAS is taken, and what is said when none will do. */
@Tag("cuda")
class CublasLibraryTest {
  private static final String USUAL = "usr/lib/x86_64-linux-gnu";

  @TempDir private Path root;
  private Installation computer;

  @BeforeEach
  void setUp() {
    computer = new Installation(root);
  }

  @Test
  void thirteenCountsMoreThanTwelve() {
    var old = computer.files("opt/old", List.of("libcublas.so.12"));
    var young = computer.files(USUAL, List.of("libcublas.so.13", "libcublas.so.12"));
    computer.environment("LD_LIBRARY_PATH", old.toString());
    assertThat(CublasLibrary.find(computer.path()).file()).isEqualTo(young.resolve("libcublas.so.13"));
  }

  @Test
  void twelveWillDo() {
    var old = computer.files("opt/old", List.of("libcublas.so.12", "libcublasLt.so.12"));
    computer.environment("CUDA_HOME", "/nowhere").environment("LD_LIBRARY_PATH", old.toString());
    var found = CublasLibrary.find(computer.path());
    assertThat(found.file()).isEqualTo(old.resolve("libcublas.so.12"));
    assertThat(CublasLibrary.light(found)).isEqualTo(old.resolve("libcublasLt.so.12"));
  }

  @Test
  void explicitFileCountsMost() {
    computer.files(USUAL, List.of("libcublas.so.13"));
    var old = computer.files("opt/old", List.of("libcublas.so.12")).resolve("libcublas.so.12");
    assertThat(CublasLibrary.find(computer.property(CublasLibrary.PROPERTY, old).path()).file()).isEqualTo(old);
  }

  @Test
  void explicitPlaceWithoutCublasIsAnError() {
    computer.files(USUAL, List.of("libcublas.so.13"));
    computer.property(CublasLibrary.PROPERTY, computer.files("opt", List.of()));
    assertThatThrownBy(() -> CublasLibrary.find(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("-Ddensenet4j.cublas is ", "libcublas.so.13 or libcublas.so.12");
  }

  @Test
  void missingAndTooOldAreToldApart() {
    assertThatThrownBy(() -> CublasLibrary.find(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cuBLAS 13 or 12 was not found", root.resolve(USUAL).toString(), "pip install");
    computer.files(USUAL, List.of("libcublas.so.11"));
    assertThatThrownBy(() -> CublasLibrary.find(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("only the older", "libcublas.so.11");
  }

  @Test
  void libraryOfAnotherProcessorIsRefusedWithTheSystemsReason() {
    computer.files(USUAL, List.of("libcublas.so.13"));
    computer.foreignLibrary(USUAL, "libcublas.so.13");
    assertThatThrownBy(() -> CublasLibrary.load(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cuBLAS cannot be loaded", "Possible cause");
  }

  @Test
  void onlyTwelveAndThirteenWillDo() {
    var file = Path.of("/opt/libcublas.so.13");
    assertThat(CublasLibrary.version(12, file)).isEqualTo(12);
    assertThatThrownBy(() -> CublasLibrary.version(14, file))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("/opt/libcublas.so.13 is cuBLAS 14");
  }
}
