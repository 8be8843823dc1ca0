package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.MappedFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** cuDNN, cuBLAS and the driver have to fit each other. */
@Tag("cuda")
class NvidiaLibrariesTest {
  private static final Path CUDNN = Path.of("/opt/libcudnn.so.9");

  @ParameterizedTest
  @CsvSource({"13040, 13000", "13000, 13020", "12090, 13000", "12090, 12060"})
  void anOlderMinorVersionOfTheDriverDoes(int toolkit, int driver) {
    NvidiaLibraries.requireSupport(toolkit, driver, CUDNN);
  }

  @Test
  void anOlderMajorVersionOfTheDriverDoesNot() {
    assertThatThrownBy(() -> NvidiaLibraries.requireSupport(13_000, 12_090, CUDNN))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "/opt/libcudnn.so.9 is built for CUDA 13, the NVIDIA driver is for CUDA 12.9: install a newer driver, or a"
                + " cuDNN and cuBLAS for CUDA 12 (pip install nvidia-cudnn-cu12)");
  }

  @Tag("cuda")
  @Test
  void allPartsAreLoadedFromOneFolder() {
    var path = SoftwareDevice.libraries();
    var libraries = NvidiaLibraries.load(path, 13_000);
    assertThat(libraries.cudnn().toolkit()).isEqualTo(13_000);
    assertThat(libraries.cublas().version()).startsWith("13.");
    var mapped = MappedFiles.ofProcess();
    assertThat(mapped.named("libcudnn_")).hasSizeGreaterThanOrEqualTo(9);
    assertThat(mapped.named("libcublasLt.")).hasSize(1);
    libraries.cudnn().requireOneInstallation();
  }
}
