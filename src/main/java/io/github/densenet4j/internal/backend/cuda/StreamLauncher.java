package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaKernel;
import io.github.densenet4j.internal.backend.cuda.driver.CudaModule;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;
import java.util.HashMap;
import java.util.Map;

/** Puts the kernels of a module into a stream, and those beside others, or aside, into a branch of it each. */
final class StreamLauncher implements Launcher {
  private final Parts parts = new Parts();
  private final CudaStream stream;
  private final CudaModule module;
  private final SideBranch branch;
  private final SideBranch aside;
  private final Map<String, CudaKernel> kernels = new HashMap<>();

  StreamLauncher(CudaContext context, CudaStream stream, byte[] image) {
    this.stream = stream;
    try {
      module = parts.keep(new CudaModule(context, image));
      branch = parts.keep(new SideBranch(context, stream));
      aside = parts.keep(new SideBranch(context, stream));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public Launch launch(String name, Grid grid, KernelArguments arguments) {
    var kernel = kernel(name, grid);
    return () -> kernel.launch(stream, grid, arguments);
  }

  @Override
  public Launch beside(Launch main, String name, Grid grid, KernelArguments arguments) {
    var kernel = kernel(name, grid);
    return () -> {
      branch.fork();
      main.enqueue();
      kernel.launch(branch.stream(), grid, arguments);
      branch.join();
    };
  }

  @Override
  public Launch aside(String name, Grid grid, KernelArguments arguments) {
    var kernel = kernel(name, grid);
    return () -> {
      aside.fork();
      kernel.launch(aside.stream(), grid, arguments);
    };
  }

  @Override
  public Launch join() {
    return aside::join;
  }

  private CudaKernel kernel(String name, Grid grid) {
    var kernel = kernels.computeIfAbsent(name, key -> module.kernel("dn_" + key));
    kernel.reserveShared(stream.context(), grid.sharedBytes());
    return kernel;
  }

  @Override
  public void close() {
    parts.close();
  }
}
