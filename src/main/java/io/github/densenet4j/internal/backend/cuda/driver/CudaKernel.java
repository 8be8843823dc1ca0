package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/** A function of a {@link CudaModule}. */
public final class CudaKernel {
  private final String name;
  private final CUfunction function;

  CudaKernel(String name, CUfunction function) {
    this.name = name;
    this.function = function;
  }

  /**
   * Puts the kernel into a stream. The arguments are copied.
   *
   * @param blocks in a row
   * @param threads of a block
   */
  public void launch(CudaStream stream, int blocks, int threads, KernelArguments arguments) {
    stream.context().check(
        JCudaDriver.cuLaunchKernel(
            function, blocks, 1, 1, threads, 1, 1, 0, stream.handle(), arguments.pointers(), null),
        "the launch of " + name + " on " + blocks + " blocks of " + threads + " threads");
  }
}
