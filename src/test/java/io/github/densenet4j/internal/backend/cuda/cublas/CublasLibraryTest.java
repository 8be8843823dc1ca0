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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        .hasMessageContainingAll("but only ", "libcublas.so.11 was found");
  }

  @Test
  void libraryOfAnotherProcessorIsRefusedWithTheSystemsReason() {
    computer.files(USUAL, List.of("libcublas.so.13", "libcublasLt.so.13"));
    computer.foreignLibrary(USUAL, "libcublasLt.so.13");
    assertThatThrownBy(() -> CublasLibrary.load(computer.path(), 13))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cuBLASLt 13 cannot be loaded", "Possible cause");
  }

  @Test
  void aFileThatIsAnotherVersionThanItsNameSaysIsRefused() {
    var file = Path.of("/opt/libcublas.so.13");
    CublasLibrary.requireMajor(13, 13, file);
    assertThatThrownBy(() -> CublasLibrary.requireMajor(12, 13, file))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith(
            "/opt/libcublas.so.13 is cuBLAS 12, 13 is needed, because cuDNN is built for CUDA 13: install it");
  }

  /** A better place with the other version does not count. */
  @ParameterizedTest
  @CsvSource({"13, 12, pip install nvidia-cublas;", "12, 13, pip install nvidia-cublas-cu12;"})
  void theVersionIsThatOfCudnn(int major, int other, String wheel) {
    var wrong = computer.files("opt/other", List.of("libcublas.so." + other, "libcublasLt.so." + other));
    computer.environment("LD_LIBRARY_PATH", wrong.toString());
    assertThatThrownBy(() -> CublasLibrary.load(computer.path(), major))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll(
            "cuBLAS " + major + " (cuDNN is built for CUDA " + major + ") is needed, but only "
                + wrong.resolve("libcublas.so." + other) + " was found", wheel);
    var right = computer.files(USUAL, List.of("libcublas.so." + major, "libcublasLt.so." + major));
    var found = CublasLibrary.find(computer.path(), major);
    assertThat(found.folder()).isEqualTo(right);
    assertThat(CublasLibrary.light(found, computer.path(), major)).isEqualTo(right.resolve("libcublasLt.so." + major));
  }

  @Test
  void lightMayLieElsewhereButMustBeThere() {
    computer.files("opt", List.of("libcublas.so.13"));
    computer.environment("LD_LIBRARY_PATH", root.resolve("opt").toString());
    var found = CublasLibrary.find(computer.path(), 13);
    assertThatThrownBy(() -> CublasLibrary.load(computer.path(), 13))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cuBLASLt 13 (cuDNN is built for CUDA 13) was not found", "install it");
    var light = computer.files(USUAL, List.of("libcublasLt.so.13"));
    assertThat(CublasLibrary.light(found, computer.path(), 13)).isEqualTo(light.resolve("libcublasLt.so.13"));
  }
}
