package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A function of a {@link CudaModule}. */
public final class CudaKernel {
  /** JCuda shows no handle but to its own. */
  static final class Handle extends CUfunction {
    private long address() {
      return getNativePointer();
    }
  }

  private final String name;
  private final Handle function;
  private int sharedBytes;

  CudaKernel(String name, Handle function) {
    this.name = name;
    this.function = function;
  }

  /** Puts the kernel into a stream, with no more shared memory than {@link #reserveShared} allows. */
  public void launch(CudaStream stream, Grid grid, KernelArguments arguments) {
    stream.context().check(
        JCudaDriver.cuLaunchKernel(
            function, grid.columns(), grid.rows(), 1, grid.threads(), 1, 1, grid.sharedBytes(), stream.handle(),
            arguments.pointers(), null),
        "the launch of " + name + " on " + grid);
  }

  /**
   * The same for kernels that wait themselves for what is in front of them: this one may begin as soon as that lets it.
   * In a captured graph their edge is a programmatic one. Takes a device of compute capability 9.0 or more.
   */
  public void launchProgrammatic(LaunchKernelEx how, CudaStream stream, Grid grid, KernelArguments arguments) {
    stream.context().check(
        how.programmatic(function.address(), stream.address(), grid, arguments.addresses()),
        "the programmatic launch of " + name + " on " + grid);
  }

  /** Lets blocks have as much shared memory as this, and as much as was asked for before. */
  public void reserveShared(CudaContext context, int bytes) {
    if (bytes <= sharedBytes) {
      return;
    }
    context.check(
        JCudaDriver.cuFuncSetAttribute(
            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
        "cuFuncSetAttribute for " + bytes + " bytes of shared memory of " + name);
    sharedBytes = bytes;
  }
}
