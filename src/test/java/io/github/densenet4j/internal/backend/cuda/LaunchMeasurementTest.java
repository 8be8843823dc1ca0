package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaModule;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;
import io.github.densenet4j.internal.backend.cuda.driver.LaunchKernelEx;
import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That launches are timed, and what is said of a GPU or a driver that has no programmatic ones. */
@Tag("cuda")
class LaunchMeasurementTest {
  private static final int MULTIPROCESSORS = 132; // of the software device

  private SoftwareCuda software;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    software = SoftwareDevice.required();
  }

  @AfterEach
  void everythingIsGivenBack() {
    SoftwareDevice.requireNothingHeld();
  }

  private LaunchTimes measure(NativeFunctions driver) {
    var options = CudaOptions.DEFAULT;
    var device = CudaDevice.of(software.driver(), 0);
    try (var runtime = new CudaRuntime(device, () -> RequiredCuda.missing("no library is asked for"), options)) {
      return new LaunchMeasurement(2).measure(runtime, driver);
    }
  }

  @Test
  void oneBlockAndTwoOnEachMultiprocessor() {
    var times = measure(software.driver().functions());
    assertThat(times.launchSeconds().keySet()).containsExactly(MULTIPROCESSORS, 2 * MULTIPROCESSORS);
    assertThat(times.launchSeconds().values()).allSatisfy(seconds -> assertThat(seconds).isPositive().isFinite());
    assertThat(times.programmaticLaunchSeconds().keySet()).isEqualTo(times.launchSeconds().keySet());
    assertThat(times.programmaticLaunchSeconds().values())
        .allSatisfy(seconds -> assertThat(seconds).isPositive().isFinite());
    assertThat(times.notMeasured()).isEmpty();
  }

  @Test
  void aDriverWithoutTheFunction() {
    var times = measure(LoadedLibrary.ofSystem());
    assertThat(times.launchSeconds()).hasSize(2);
    assertThat(times.programmaticLaunchSeconds()).isEmpty();
    assertThat(times.notMeasured()).hasValueSatisfying(
        reason -> assertThat(reason).contains("has no function cuLaunchKernelEx: install a version that has it"));
  }

  @Test
  void aDriverThatRefusesTheAttribute() {
    software.set("refuse", "programmatic_launch");
    try {
      var times = measure(software.driver().functions());
      assertThat(times.launchSeconds()).hasSize(2);
      assertThat(times.programmaticLaunchSeconds()).isEmpty();
      assertThat(times.notMeasured()).hasValueSatisfying(
          reason ->
              assertThat(reason)
                  .startsWith(
                      "the programmatic launch of dn_launch_latency on 132 blocks of 256 threads failed with"
                          + " CUDA_ERROR_NOT_SUPPORTED (801)"));
    } finally {
      software.set("refuse", "");
    }
  }

  /** Launches 1 to 20 are of graphs with plain edges. */
  @Test
  void anErrorThatEndsTheContextIsNoRefusal() {
    software.set("fail", "dn_launch_latency:21");
    try {
      assertThatThrownBy(() -> measure(software.driver().functions()))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
    } finally {
      software.set("fail", "");
      software.startAgain();
    }
  }

  /** A thread of mma_peak leaves the sum of no products. */
  @Test
  void gridStreamAndArgumentsOfAProgrammaticLaunchArrive() {
    int threads = 64;
    int values = 4 * threads;
    int bytes = values * Float.BYTES;
    try (var context = new CudaContext(CudaDevice.of(software.driver(), 0));
        var stream = new CudaStream(context);
        var module = new CudaModule(context, Kernels.image());
        var memory = new DeviceArena(stream, bytes);
        var host = new PinnedMemory(context, bytes)) {
      host.segment().fill((byte) -1); // NaN
      memory.copyFrom(host, 0, 0, bytes, stream);
      var how = new LaunchKernelEx(software.driver().functions());
      module.kernel("dn_mma_peak").launchProgrammatic(
          how, stream, new Grid(3, 1, threads, 0), KernelArguments.of(memory.start(), 0L));
      memory.copyTo(host, 0, 0, bytes, stream);
      stream.synchronize();
      float[] found = host.segment().toArray(ValueLayout.JAVA_FLOAT);
      assertThat(Arrays.copyOf(found, 3 * threads)).containsOnly(0);
      assertThat(Arrays.copyOfRange(found, 3 * threads, values)).containsOnly(Float.NaN);
    }
  }

  @Test
  void gpusBeforeHopperHaveNone() {
    var ampere = new CudaDevice(0, "a GPU", 1L << 34, "8.6", 84, 1536, 99 << 10, 100 << 10);
    assertThat(LaunchMeasurement.missing(ampere))
        .hasValue("compute capability 8.6 does not have them, 9.0 is the first");
    var blackwell = new CudaDevice(0, "a GPU", 1L << 34, "12.0", 84, 1536, 99 << 10, 100 << 10);
    assertThat(LaunchMeasurement.missing(blackwell)).isEmpty();
  }
}
