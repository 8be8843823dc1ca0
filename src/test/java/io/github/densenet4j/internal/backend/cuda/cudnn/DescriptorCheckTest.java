package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The software device's cuDNN takes descriptors as NVIDIA's does, for which {@link CudnnWheelCheck} asks. */
@Tag("cuda")
class DescriptorCheckTest {
  @ParameterizedTest
  @ValueSource(strings = {"bc-40-12", "densenet121"})
  void descriptorsGiveTheSizesOfThePlan(String model) {
    try (var check = new DescriptorCheck(CudnnLibrary.load(SoftwareDevice.libraries()).file())) {
      check.program(CudnnWheelCheck.program(model));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyStatusHasItsName(CudnnStatus status) {
    assertThat(CudnnLibrary.load(SoftwareDevice.libraries()).name(status.value())).isEqualTo(status.nativeName());
  }
}
