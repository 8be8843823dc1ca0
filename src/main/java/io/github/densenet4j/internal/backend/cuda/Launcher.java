package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;

/** What launches of kernels come to: work in a stream, or a count. */
interface Launcher extends AutoCloseable {
  /** @param name of the kernel without what all names begin with */
  Launch launch(String name, Grid grid, KernelArguments arguments);

  /** A kernel beside {@code main}, neither of which needs what the other makes; what comes after waits for both. */
  Launch beside(Launch main, String name, Grid grid, KernelArguments arguments);

  /** A kernel that nothing waits for before {@link #join}. */
  Launch aside(String name, Grid grid, KernelArguments arguments);

  /** What comes after waits for all that was put aside. */
  Launch join();

  @Override
  void close();
}
