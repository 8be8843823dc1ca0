package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.ExactSumTimes;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaKernel;
import io.github.densenet4j.internal.backend.cuda.driver.CudaModule;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;
import io.github.densenet4j.internal.backend.cuda.driver.LaunchKernelEx;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Times a graph of kernels that do nothing (native/cuda/launch_latency.cu), on one block a multiprocessor and on two:
 * with plain edges, and with programmatic ones where the device has them. With plain ones also of kernels that only add
 * to sums (exact_sum_latency.cu).
 *
 * @param launches of a graph
 * @param sums of two a channel, to which the blocks of a launch add: each of these is measured
 */
record LaunchMeasurement(int launches, List<Integer> sums) {
  private static final KernelArguments NO_ARGUMENTS = KernelArguments.of();
  private static final int THREADS = 256;
  private static final int MOST_BLOCKS = 2; // of a multiprocessor
  private static final int SUM_BYTES = 24; // three words of native/cuda/exact_sum.cuh
  private static final int PROGRAMMATIC_MAJOR = 9; // compute capability

  /**
   * @param driver which may lack programmatic launches
   * @throws DeviceException if the device refuses plain ones, or an error has ended its context
   */
  LaunchTimes measure(CudaRuntime runtime, NativeFunctions driver) {
    var stream = runtime.stream();
    try (var module = new CudaModule(runtime.context(), Kernels.image())) {
      var kernel = module.kernel("dn_launch_latency");
      var plain = seconds(runtime, grid -> kernel.launch(stream, grid, NO_ARGUMENTS));
      var adding = module.kernel("dn_exact_sum_latency");
      var exactSums = sums.stream().map(count -> exactSums(runtime, adding, count)).toList();
      var times = new LaunchTimes(plain, Collections.emptySortedMap(), missing(runtime.context().device()), exactSums);
      return times.notMeasured().isPresent() ? times : withProgrammatic(times, runtime, driver, kernel);
    }
  }

  private ExactSumTimes exactSums(CudaRuntime runtime, CudaKernel kernel, int count) {
    var stream = runtime.stream();
    try (var memory = new DeviceArena(stream, (long) count * SUM_BYTES)) {
      memory.clear(0, memory.bytes(), stream);
      var arguments = KernelArguments.of(memory.start(), count / 2L);
      return new ExactSumTimes(count, seconds(runtime, grid -> kernel.launch(stream, grid, arguments)));
    }
  }

  /** Why a device has no programmatic launches, if it has none. */
  static Optional<String> missing(CudaDevice device) {
    return device.isAtLeast(PROGRAMMATIC_MAJOR)
        ? Optional.empty()
        : Optional.of(
            "compute capability " + device.capability() + " does not have them, " + PROGRAMMATIC_MAJOR
                + ".0 is the first");
  }

  private LaunchTimes withProgrammatic(
      LaunchTimes times, CudaRuntime runtime, NativeFunctions driver, CudaKernel kernel) {
    try {
      var how = new LaunchKernelEx(driver);
      var programmatic =
          seconds(runtime, grid -> kernel.launchProgrammatic(how, runtime.stream(), grid, NO_ARGUMENTS));
      return new LaunchTimes(times.launchSeconds(), programmatic, Optional.empty(), times.exactSums());
    } catch (DeviceException e) {
      if (runtime.context().lost()) {
        throw e;
      }
      return new LaunchTimes(
          times.launchSeconds(), Collections.emptySortedMap(), Optional.of(e.getMessage()), times.exactSums());
    }
  }

  /** Of a launch, by the number of blocks. */
  private SortedMap<Integer, Double> seconds(CudaRuntime runtime, Consumer<Grid> launch) {
    var seconds = new TreeMap<Integer, Double>();
    for (int i = 1; i <= MOST_BLOCKS; i++) {
      int blocks = i * runtime.context().device().multiprocessors();
      seconds.put(blocks, seconds(runtime, new Grid(blocks, 1, THREADS, 0), launch));
    }
    return seconds;
  }

  private double seconds(CudaRuntime runtime, Grid grid, Consumer<Grid> launch) {
    var stream = runtime.stream();
    try (var graph =
        stream.capture(
            () -> {
              for (int i = 0; i < launches; i++) {
                launch.accept(grid);
              }
            })) {
      return CudaCeiling.seconds(runtime, () -> graph.launch(stream)) / launches;
    }
  }
}
