package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaEvent;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;

/**
 * A second stream for kernels that the next ones of the first do not wait for. Recorded into a graph it is a branch of
 * it.
 */
final class SideBranch implements AutoCloseable {
  private final Parts parts = new Parts();
  private final CudaStream main;
  private final CudaStream side;
  private final CudaEvent forked;
  private final CudaEvent joined;
  private boolean apart;

  SideBranch(CudaContext context, CudaStream main) {
    this.main = main;
    try {
      side = parts.keep(new CudaStream(context));
      forked = parts.keep(CudaEvent.untimed(context));
      joined = parts.keep(CudaEvent.untimed(context));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  CudaStream stream() {
    return side;
  }

  /** What the branch gets from now on begins when all that the main stream has by now is done. */
  void fork() {
    forked.record(main);
    side.await(forked);
    apart = true;
  }

  /** What the main stream gets from now on begins when the branch is done, too, if there is one. */
  void join() {
    if (apart) {
      joined.record(side);
      main.await(joined);
      apart = false;
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
