package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.CacheRate;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.cuda.driver.CudaEvent;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.List;
import java.util.Map;

/**
 * Measures what a GPU does at most: products of matrices from registers (native/cuda/mma_peak.cu), a copy within its
 * memory, what its L2 holds (l2_peak.cu), and kernels of a graph that do nothing or only add to sums. Of
 * some rounds the fastest counts.
 *
 * @param copiedBytes of a copy; takes twice as much memory
 * @param products of a warp
 * @param vectors of 16 bytes of memory for the L2, by thread of a full device: each of these is measured
 * @param passes over that memory
 * @param launches of a graph
 * @param sums of two a channel, to which the blocks of a launch add: each of these is measured
 */
record CudaCeiling(
    long copiedBytes, long products, List<Integer> vectors, long passes, int launches, List<Integer> sums) {
  /**
   * Some milliseconds each; copies of more than any cache holds, 9 to 52 MB for the L2 of an H200, and as many sums as
   * have the bottlenecks of bc-100-12, those of densenet121 and all channels of bc-100-12 at its end.
   */
  static final CudaCeiling LONG =
      new CudaCeiling(1L << 29, 1 << 16, List.of(2, 4, 6, 8, 10, 12), 200, 200, List.of(96, 256, 684));

  private static final int ROUNDS = 5;
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;
  private static final int VECTOR_BYTES = 16;

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
        vectors.stream().map(count -> cached(runtime, count)).toList(),
        new LaunchMeasurement(launches, sums).measure(runtime, driver));
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

  private CacheRate cached(CudaRuntime runtime, int vectorsOfThread) {
    var stream = runtime.stream();
    int blocks = blocks(runtime);
    long threads = (long) blocks * THREADS;
    long count = threads * vectorsOfThread;
    long bytes = count * VECTOR_BYTES;
    try (var memory = new DeviceArena(stream, bytes); var sums = new DeviceArena(stream, threads * Float.BYTES)) {
      memory.clear(0, bytes, stream);
      var kernels = runtime.kernels();
      var read = kernels.launch("l2_read", blocks, THREADS, sums.start(), memory.start(), count, passes);
      var update = kernels.launch("l2_update", blocks, THREADS, memory.start(), count, passes);
      return new CacheRate(
          bytes, bytes * passes / seconds(runtime, read), 2 * bytes * passes / seconds(runtime, update));
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
