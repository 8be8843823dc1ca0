package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaKernel;
import io.github.densenet4j.internal.backend.cuda.driver.CudaModule;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;
import io.github.densenet4j.internal.backend.cuda.driver.LaunchKernelEx;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Times a graph of kernels that do nothing (native/cuda/launch_latency.cu), on one block a multiprocessor and on two:
 * with plain edges, and with programmatic ones where the device has them.
 *
 * @param launches of a graph
 */
record LaunchMeasurement(int launches) {
  private static final KernelArguments NO_ARGUMENTS = KernelArguments.of();
  private static final int THREADS = 256;
  private static final int MOST_BLOCKS = 2; // of a multiprocessor
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
      var missing = missing(runtime.context().device());
      return missing.isPresent() ? without(plain, missing.get()) : withProgrammatic(plain, runtime, driver, kernel);
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
      SortedMap<Integer, Double> plain, CudaRuntime runtime, NativeFunctions driver, CudaKernel kernel) {
    try {
      var how = new LaunchKernelEx(driver);
      var programmatic =
          seconds(runtime, grid -> kernel.launchProgrammatic(how, runtime.stream(), grid, NO_ARGUMENTS));
      return new LaunchTimes(plain, programmatic, Optional.empty());
    } catch (DeviceException e) {
      if (runtime.context().lost()) {
        throw e;
      }
      return without(plain, e.getMessage());
    }
  }

  private static LaunchTimes without(SortedMap<Integer, Double> plain, String reason) {
    return new LaunchTimes(plain, Collections.emptySortedMap(), Optional.of(reason));
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
