package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels that a device cannot take. */
@Tag("cuda")
class CudaModuleTest {
  private static final int ARCHITECTURE_OFFSET = 28;

  @AutoClose private CudaContext context;

  @BeforeEach
  void open() {
    context = new CudaContext(CudaDevice.of(SoftwareDevice.required().driver(), 0));
  }

  /** The kernels as if all were compiled for an architecture that is yet to come. */
  private static byte[] ofTheFuture() {
    var image = ByteBuffer.wrap(Kernels.image()).order(ByteOrder.LITTLE_ENDIAN);
    int at = image.getShort(6);
    long end = at + image.getLong(8);
    while (at < end) {
      image.putInt(at + ARCHITECTURE_OFFSET, 210);
      at += Math.toIntExact(image.getInt(at + 4) + image.getLong(at + 8));
    }
    return image.array();
  }

  @Test
  void kernelsForOtherArchitecturesOnly() {
    assertThatThrownBy(() -> new CudaModule(context, ofTheFuture()))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching(
            "densenet4j software CUDA device has compute capability \\d\\.\\d, for which there are no kernels here"
                + " \\(CUDA_ERROR_NO_BINARY_FOR_GPU\\): compile them with scripts/build --all, and use a GPU of 8\\.0 or newer"
                + " with a current driver");
  }

  @Test
  void damagedKernels() {
    byte[] image = Kernels.image();
    ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putLong(24, Long.MAX_VALUE); // the first entry's bytes
    assertThatThrownBy(() -> new CudaModule(context, image))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cannot read the CUDA kernels", "(CUDA_ERROR_INVALID_IMAGE)", "or they are damaged");
  }

  @ParameterizedTest
  @CsvSource({"200, CUDA_ERROR_INVALID_IMAGE", "222, CUDA_ERROR_UNSUPPORTED_PTX_VERSION"})
  void kernelsThatAnOlderDriverCannotRead(int status, String name) {
    var software = SoftwareDevice.required();
    software.set("refuse", "module:" + status);
    try {
      assertThatThrownBy(() -> new CudaModule(context, Kernels.image()))
          .isInstanceOf(DeviceException.class)
          .hasMessage(
              "the NVIDIA driver cannot read the CUDA kernels of this build (" + name + "), because it is older than"
                  + " the toolkit that compiled them, or they are damaged: install a newer driver (580 is the first for"
                  + " CUDA 13.0), or run scripts/build again");
    } finally {
      software.set("refuse", "");
    }
  }

  @Test
  void aKernelThatIsNotThere() {
    try (var module = new CudaModule(context, Kernels.image())) {
      assertThatThrownBy(() -> module.kernel("dn_unheard_of"))
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll("cuModuleGetFunction of dn_unheard_of failed with CUDA_ERROR_NOT_FOUND");
    }
  }
}
