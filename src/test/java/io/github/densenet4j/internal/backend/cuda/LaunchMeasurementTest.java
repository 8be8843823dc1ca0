package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.ExactSumTimes;
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
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
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
      return new LaunchMeasurement(2, List.of(2, 6)).measure(runtime, driver);
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
    assertThat(times.exactSums()).extracting(ExactSumTimes::sums).containsExactly(2, 6);
    assertThat(times.exactSums()).allSatisfy(
        adding -> {
          assertThat(adding.launchSeconds().keySet()).isEqualTo(times.launchSeconds().keySet());
          assertThat(adding.launchSeconds().values())
              .allSatisfy(seconds -> assertThat(seconds).isPositive().isFinite());
        });
  }

  @Test
  void aDriverWithoutTheFunction() {
    var times = measure(LoadedLibrary.ofSystem());
    assertThat(times.launchSeconds()).hasSize(2);
    assertThat(times.programmaticLaunchSeconds()).isEmpty();
    assertThat(times.notMeasured()).hasValueSatisfying(
        reason -> assertThat(reason).contains("has no function cuLaunchKernelEx: install a version that has it"));
    assertThat(times.exactSums()).as("need no such launches").hasSize(2);
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

  /** With more sums than threads. They are exact: an error in the last bit of any would be seen. */
  @Test
  void everyBlockAddsToEverySum() {
    int channels = 5;
    int blocks = 3;
    int words = 2 * channels * 3;
    try (var context = new CudaContext(CudaDevice.of(software.driver(), 0));
        var stream = new CudaStream(context);
        var module = new CudaModule(context, Kernels.image());
        var memory = new DeviceArena(stream, (words + 3L) * Long.BYTES);
        var host = new PinnedMemory(context, (words + 3) * Long.BYTES)) {
      memory.clear(0, memory.bytes(), stream);
      module.kernel("dn_exact_sum_latency").launch(
          stream, new Grid(blocks, 1, 8, 0), KernelArguments.of(memory.start(), (long) channels));
      memory.copyTo(host, 0, 0, memory.bytes(), stream);
      stream.synchronize();
      long[] found = host.segment().toArray(ValueLayout.JAVA_LONG);
      for (int i = 0; i < 2 * channels; i++) {
        int at = 3 * (i % channels * 2 + i / channels);
        var sum = scaled(found[at], 20).add(scaled(found[at + 1], 60));
        assertThat(sum).isEqualByComparingTo(new BigDecimal(i + 1.0 / 3).multiply(BigDecimal.valueOf(blocks)));
        assertThat(found[at + 2]).as("misfits").isZero();
      }
      assertThat(Arrays.copyOfRange(found, words, words + 3)).as("past the end").containsOnly(0);
    }
  }

  private static BigDecimal scaled(long value, int bits) {
    return BigDecimal.valueOf(value).divide(BigDecimal.TWO.pow(bits));
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
