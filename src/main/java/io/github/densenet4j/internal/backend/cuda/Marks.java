package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import java.lang.foreign.ValueLayout;

/**
 * Puts numbers into pinned memory, in a stream's order: by setting the memory or, where a driver does not let a graph
 * do that, by a kernel of one thread.
 */
final class Marks {
  private static final int TRIAL = 23;

  private final CudaStream stream;
  private final Kernels kernels;
  private final boolean bySetting;

  /** Tries what the driver lets a graph do. */
  Marks(CudaContext context, CudaStream stream, Kernels kernels) {
    this.stream = stream;
    this.kernels = kernels;
    bySetting = works(context, stream);
  }

  private static boolean works(CudaContext context, CudaStream stream) {
    try (var memory = new PinnedMemory(context, Integer.BYTES);
        var graph = stream.capture(() -> memory.fill(TRIAL, stream))) {
      graph.launch(stream);
      stream.synchronize();
      return memory.segment().get(ValueLayout.JAVA_INT, 0) == TRIAL;
    } catch (DeviceException e) {
      if (context.lost()) {
        throw e;
      }
      return false;
    }
  }

  /** Whether the driver takes the shorter way. */
  boolean bySetting() {
    return bySetting;
  }

  /** @param memory of one number */
  void put(int number, PinnedMemory memory) {
    if (bySetting) {
      memory.fill(number, stream);
    } else {
      kernels.oneThread("progress_mark", memory.device(), (long) number).enqueue();
    }
  }
}
