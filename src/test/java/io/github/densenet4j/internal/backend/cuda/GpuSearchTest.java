package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("cuda")
class GpuSearchTest {
  private static final Supplier<CudaBackend> SOFTWARE = () -> CudaBackend.software(CudaOptions.DEFAULT);

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    SoftwareDevice.required();
  }

  @Test
  void aGpuWithKernelsIsTaken() {
    var search = GpuSearch.of(SOFTWARE, 8);
    assertThat(search.reason()).isEqualTo("a GPU is here");
    search.gpu().orElseThrow().close();
  }

  @Test
  void anOlderOneIsNotAndTheReasonSaysSo() {
    var search = GpuSearch.of(SOFTWARE, 99);
    assertThat(search.gpu()).isEmpty();
    assertThat(search.reason())
        .matches("densenet4j software CUDA device has compute capability \\d\\.\\d, and the kernels .* need 99\\.0");
  }

  @Test
  void whatKeepsAGpuFromBeingUsedIsTheReason() {
    Supplier<CudaBackend> broken =
        () -> {
          throw new DeviceException("the NVIDIA driver is for CUDA 11.0");
        };
    assertThat(GpuSearch.of(broken, 8)).isEqualTo(new GpuSearch(Optional.empty(), "the NVIDIA driver is for CUDA 11.0"));
  }

  @Test
  void aGpuThatIsAskedForByAWrongNumberIsRefused() {
    var seventh = new CudaOptions(7, false, true, false, false, 0);
    assertThatThrownBy(() -> GpuSearch.of(() -> CudaBackend.software(seventh), 8))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("CUDA device is 7");
  }
}
