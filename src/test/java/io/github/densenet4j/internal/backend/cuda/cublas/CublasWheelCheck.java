package io.github.densenet4j.internal.backend.cuda.cublas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.NvidiaLibraries;
import io.github.densenet4j.internal.backend.cuda.library.MappedFiles;
import io.github.densenet4j.internal.backend.cuda.library.NvidiaWheels;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What NVIDIA's cuBLAS shows without a GPU. No part of the tests: scripts/check-nvidia-libraries runs it. */
class CublasWheelCheck {
  private static CublasLibrary cublas;

  /** Every function that is bound is there, or this fails. */
  @BeforeAll
  static void load() {
    cublas = NvidiaLibraries.load(NvidiaWheels.path(), NvidiaWheels.DRIVER).cublas();
  }

  @Test
  void theVersionIsThatOfTheWheel() {
    assertThat(cublas.version()).isEqualTo(NvidiaWheels.version("cublas"));
    assertThat(cublas.version()).startsWith(NvidiaWheels.cuda() + ".");
  }

  @Test
  void itsLightPartComesFromTheSameFolder() {
    assertThat(MappedFiles.ofProcess().named("libcublasLt."))
        .containsExactly(cublas.file().resolveSibling("libcublasLt.so." + NvidiaWheels.cuda()));
  }

  @ParameterizedTest
  @EnumSource
  void everyStatusHasItsName(CublasStatus status) {
    assertThat(cublas.name(status.value())).isEqualTo(status.nativeName());
  }

  /** With CUDA_VISIBLE_DEVICES empty there is none on any machine. */
  @Test
  void withoutAGpuTheSentenceHasTheReasonAndTheRemedy() {
    assertThatThrownBy(() -> cublas.open(0))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching(
            "cuBLAS \\d+\\.\\d+\\.\\d+ refused cublasCreate_v2 with CUBLAS_STATUS_NOT_INITIALIZED \\(1, .+\\):"
                + " check that the driver is new enough for this cuBLAS and that the device has memory left, or name an"
                + " older cuBLAS with -Ddensenet4j.cublas");
  }
}
