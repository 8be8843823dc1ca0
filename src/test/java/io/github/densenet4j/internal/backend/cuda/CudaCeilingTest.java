package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.tensor.ElementType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the ceiling's measurements run; what they find here is the speed of a device in software. */
@Tag("cuda")
class CudaCeilingTest {
  private SoftwareCuda software;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    software = SoftwareDevice.required();
  }

  @Test
  void productsCopiesAndLaunchesAreTimed() {
    var options = CudaOptions.DEFAULT;
    try (var driver = CudaBackend.software(options);
        var runtime = new CudaRuntime(driver.device(), () -> RequiredCuda.missing("no library is asked for"), options)) {
      long graphs = software.count("graph_launches");
      long launches = software.count("launches");
      long programmatic = software.count("programmatic_launches");
      var few = new CudaCeiling(1 << 16, 8, 3);
      var ceiling = few.measure(runtime, software.driver().functions(), false);
      assertThat(software.count("graph_launches") - graphs).isEqualTo(4 * 5);
      assertThat(software.count("launches") - launches).isEqualTo(2 * 5 + 4 * 3 * 5);
      assertThat(software.count("programmatic_launches") - programmatic).as("captured").isEqualTo(2 * 3);
      assertThat(ceiling.peakFlops(ElementType.FLOAT32)).isPositive().isFinite();
      assertThat(ceiling.peakFlops(ElementType.BFLOAT16)).isPositive().isFinite();
      assertThat(ceiling.copyBytes()).isPositive().isFinite();
      assertThat(ceiling.launches().notMeasured()).isEmpty();
    }
    SoftwareDevice.requireNothingHeld();
  }

  @Test
  void theSoftwareDeviceHasNone() {
    try (var backend = CudaBackend.software(CudaOptions.DEFAULT)) {
      assertThat(backend.measureCeiling()).isEmpty();
    }
  }
}
