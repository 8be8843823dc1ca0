package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.NvidiaLibraries;
import io.github.densenet4j.internal.backend.cuda.library.MappedFiles;
import io.github.densenet4j.internal.backend.cuda.library.NvidiaWheels;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What NVIDIA's cuDNN shows without a GPU. No part of the tests: scripts/check-nvidia-libraries runs it. */
class CudnnWheelCheck {
  private static CudnnLibrary cudnn;

  /** Every function that is bound is there, or this fails. */
  @BeforeAll
  static void load() {
    cudnn = NvidiaLibraries.load(NvidiaWheels.path(), NvidiaWheels.DRIVER).cudnn();
  }

  static Program program(String model) {
    return Lowerings.of(Strategy.NAIVE).lower(DenseNetConfig.named(model), Workload.training(64, 0.9, 1e-4));
  }

  @Test
  void versionsAreThoseOfTheWheel() {
    assertThat(cudnn.version()).isEqualTo(NvidiaWheels.version("cudnn"));
    assertThat(cudnn.toolkit() / 1000).isEqualTo(NvidiaWheels.cuda());
  }

  @Test
  void allPartsComeFromTheWheel() {
    var folder = cudnn.file().getParent();
    assertThat(CudnnLibrary.parts(folder)).hasSize(9);
    assertThat(MappedFiles.ofProcess().named("libcudnn_"))
        .containsExactlyInAnyOrderElementsOf(CudnnLibrary.parts(folder));
    cudnn.requireOneInstallation();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bc-100-12", "densenet121"})
  void descriptorsGiveTheSizesOfThePlan(String model) {
    try (var check = new DescriptorCheck(cudnn.file())) {
      check.program(program(model));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyStatusHasItsName(CudnnStatus status) {
    assertThat(cudnn.name(status.value())).isEqualTo(status.nativeName());
  }

  /** With CUDA_VISIBLE_DEVICES empty there is none on any machine. */
  @Test
  void withoutAGpuTheSentenceHasTheReasonAndTheRemedy() {
    assertThatThrownBy(() -> cudnn.open(0))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching(
            "cuDNN \\d+\\.\\d+\\.\\d+ refused cudnnCreate with CUDNN_STATUS_NOT_INITIALIZED \\(1001, (?s).+\\):"
                + " check that the driver is new enough for this cuDNN and that the device has memory left");
  }
}
