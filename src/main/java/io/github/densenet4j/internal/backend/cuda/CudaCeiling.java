package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.cuda.driver.CudaEvent;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.Map;

/**
 * Measures what a GPU does at most: products of matrices from registers (native/cuda/mma_peak.cu), a copy within its
 * memory, and kernels of a graph that do nothing. Of some rounds the fastest counts.
 *
 * @param copiedBytes of a copy; takes twice as much memory
 * @param products of a warp
 * @param launches of a graph
 */
record CudaCeiling(long copiedBytes, long products, int launches) {
  /** Some milliseconds each, and more than any cache holds. */
  static final CudaCeiling LONG = new CudaCeiling(1L << 29, 1 << 16, 200);

  private static final int ROUNDS = 5;
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  /** Multiplications and additions of a product: of (16, 16) by (16, 8) in bfloat16, of (16, 8) by (8, 8) in TF32. */
  private static final long BFLOAT16_FLOPS = 2 * 16 * 16 * 8;

  private static final long TF32_FLOPS = 2 * 16 * 8 * 8;

  /** Products of TF32 that make one of float32. */
  private static final int PARTS = 3;

  /**
   * @param driver which may lack programmatic launches
   * @param tf32 whether float32 factors are rounded to TF32, so that one product is enough
   */
  Ceiling measure(CudaRuntime runtime, NativeFunctions driver, boolean tf32) {
    double float32 = flops(runtime, "mma_peak_fp32", TF32_FLOPS) / (tf32 ? 1 : PARTS);
    double bfloat16 = flops(runtime, "mma_peak", BFLOAT16_FLOPS);
    return new Ceiling(
        Map.of(ElementType.FLOAT32, float32, ElementType.BFLOAT16, bfloat16), copy(runtime),
        new LaunchMeasurement(launches).measure(runtime, driver));
  }

  private static int blocks(CudaRuntime runtime) {
    var device = runtime.context().device();
    return device.multiprocessors() * (device.residentThreads() / THREADS);
  }

  private double flops(CudaRuntime runtime, String kernel, long ofProduct) {
    int blocks = blocks(runtime);
    try (var sums = new DeviceArena(runtime.stream(), (long) blocks * THREADS * Float.BYTES)) {
      var launch = runtime.kernels().launch(kernel, blocks, THREADS, sums.start(), products);
      return blocks * WARPS * products * (double) ofProduct / seconds(runtime, launch);
    }
  }

  private double copy(CudaRuntime runtime) {
    var stream = runtime.stream();
    try (var memory = new DeviceArena(stream, 2 * copiedBytes)) {
      return 2 * copiedBytes / seconds(runtime, () -> memory.copyWithin(0, copiedBytes, copiedBytes, stream));
    }
  }

  /** Of the fastest round. */
  static double seconds(CudaRuntime runtime, Launch work) {
    long least = Long.MAX_VALUE;
    try (var before = CudaEvent.timed(runtime.context());
        var after = CudaEvent.timed(runtime.context())) {
      for (int i = 0; i < ROUNDS; i++) {
        before.record(runtime.stream());
        work.enqueue();
        after.record(runtime.stream());
        after.synchronize();
        least = Math.min(least, before.until(after));
      }
    }
    return least / 1e9;
  }
}
