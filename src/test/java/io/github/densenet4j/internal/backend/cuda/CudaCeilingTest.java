package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.ExactSumTimes;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import io.github.densenet4j.internal.tensor.ElementType;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
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
      var few = new CudaCeiling(1 << 16, 8, List.of(1), 1, 3, List.of(6));
      var ceiling = few.measure(runtime, software.driver().functions(), false);
      assertThat(software.count("graph_launches") - graphs).isEqualTo(6 * 5);
      assertThat(software.count("launches") - launches).isEqualTo(2 * 5 + 2 * 5 + 6 * 3 * 5);
      assertThat(software.count("programmatic_launches") - programmatic).as("captured").isEqualTo(2 * 3);
      assertThat(ceiling.peakFlops(ElementType.FLOAT32)).isPositive().isFinite();
      assertThat(ceiling.peakFlops(ElementType.BFLOAT16)).isPositive().isFinite();
      assertThat(ceiling.copyBytes()).isPositive().isFinite();
      assertThat(ceiling.cached()).singleElement().satisfies(
          rate -> {
            assertThat(rate.bytes()).isEqualTo(132 * 2048 * 16);
            assertThat(rate.readBytes()).isPositive().isFinite();
            assertThat(rate.updateBytes()).isPositive().isFinite();
          });
      assertThat(ceiling.launches().notMeasured()).isEmpty();
      assertThat(ceiling.launches().exactSums()).extracting(ExactSumTimes::sums).containsExactly(6);
    }
    SoftwareDevice.requireNothingHeld();
  }

  /** A number is added to in every round and then read in every round, past the end of what threads there are. */
  @Test
  void theL2sKernelsComeToAllOfTheirMemory() {
    int threads = 64;
    int vectors = 150;
    try (var context = new CudaContext(CudaDevice.of(software.driver(), 0));
        var stream = new CudaStream(context);
        var kernels = new Kernels(context, stream);
        var memory = new DeviceArena(stream, 16L * vectors);
        var sums = new DeviceArena(stream, 4L * threads);
        var host = new PinnedMemory(context, 16 * vectors)) {
      memory.clear(0, memory.bytes(), stream);
      kernels.launch("l2_update", 1, threads, memory.start(), (long) vectors, 3L).enqueue();
      kernels.launch("l2_read", 1, threads, sums.start(), memory.start(), (long) vectors, 2L).enqueue();
      memory.copyTo(host, 0, 0, 16L * vectors, stream);
      stream.synchronize();
      assertThat(host.segment().toArray(ValueLayout.JAVA_FLOAT)).hasSize(4 * vectors).containsOnly(3);
      sums.copyTo(host, 0, 0, 4L * threads, stream);
      stream.synchronize();
      float[] found = host.segment().asSlice(0, 4L * threads).toArray(ValueLayout.JAVA_FLOAT);
      assertThat(Arrays.copyOf(found, 22)).containsOnly(3 * 4 * 3 * 2); // these have three vectors, others two
      assertThat(Arrays.copyOfRange(found, 22, threads)).containsOnly(2 * 4 * 3 * 2);
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
