package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which drivers run what a toolkit has compiled. */
@Tag("cuda")
class ToolkitTest {
  private static final List<String> ARCHITECTURES = List.of("compute_80", "sm_80", "sm_90");

  /** Capabilities beside the machine code have to compile the PTX. */
  @ParameterizedTest
  @CsvSource({
    "13.0.88, 9.0, 13000", "13.2.51, 9.0, 13000", "13.2.51, 8.0, 13000", "13.2.51, 8.9, 13000", "13.2.51, 10.0, 13020",
    "13.2.51, 12.0, 13020", "12.8.93, 9.0, 12000", "12.8, 10.3, 12080"
  })
  void theOldestDriver(String toolkit, String capability, int driver) {
    assertThat(new Toolkit(toolkit).oldestDriver(capability, ARCHITECTURES)).isEqualTo(driver);
  }

  @Test
  void anOlderDriverIsRefusedWithTheRemedy() {
    var toolkit = new Toolkit("13.0.88");
    var device = new CudaDevice(0, "NVIDIA L4", 22L << 30, "8.9", 58, 1536, 101376, 102400);
    var fatbin = new Fatbin(ARCHITECTURES);
    toolkit.require(13_000, device, fatbin);
    assertThatThrownBy(() -> toolkit.require(12_090, device, fatbin))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "the CUDA kernels of this build were compiled by the toolkit 13.0.88 and need a driver for CUDA 13.0 or"
                + " newer on NVIDIA L4, this one is for CUDA 12.9: install a newer NVIDIA driver (580 is the first for"
                + " CUDA 13.0), or build with an older toolkit, or use device cpu");
  }

  @Test
  void whatIsNoVersionIsRefused() {
    assertThatThrownBy(() -> new Toolkit("newest")).isInstanceOf(DeviceException.class).hasMessageContaining("newest");
  }

  /** Where the build has left a manifest beside the kernels. */
  @Test
  void theShippedOneIsThatOfTheManifest() {
    assertThat(Toolkit.shipped().stream().map(Toolkit::version))
        .allSatisfy(version -> assertThat(version).matches("1[23]\\.\\d+\\.\\d+"));
  }
}
