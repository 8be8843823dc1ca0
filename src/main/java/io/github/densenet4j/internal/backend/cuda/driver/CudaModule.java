package io.github.densenet4j.internal.backend.cuda.driver;

import io.github.densenet4j.error.DeviceException;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Kernels in the memory of a device. */
public final class CudaModule implements AutoCloseable {
  private final CudaContext context;
  private final DriverResource resource;
  private final CUmodule handle = new CUmodule();

  /** @param image a fatbin; the driver takes what fits the device, or compiles the PTX in it */
  public CudaModule(CudaContext context, byte[] image) {
    resource = new DriverResource(context, "CUDA module");
    this.context = context;
    int status = JCudaDriver.cuModuleLoadData(handle, image);
    requireReadable(status);
    if (status == CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU) {
      var device = context.device();
      throw new DeviceException(
          ("%s has compute capability %s, for which there are no kernels here (%s): compile them with scripts/build"
                  + " --all, and use a GPU of 8.0 or newer with a current driver")
              .formatted(device.name(), device.capability(), Status.name(status)));
    }
    context.check(status, "cuModuleLoadData of " + image.length + " bytes");
  }

  /** Drivers say so of code that a newer toolkit has compiled than they know. */
  private static void requireReadable(int status) {
    if (status == CUresult.CUDA_ERROR_INVALID_IMAGE || status == CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION) {
      throw new DeviceException(
          "the NVIDIA driver cannot read the CUDA kernels of this build (" + Status.name(status)
              + "), because it is older than the toolkit that compiled them, or they are damaged: install a newer"
              + " driver (580 is the first for CUDA 13.0), or run scripts/build again");
    }
  }

  /** @throws DeviceException if there is no kernel of that name */
  public CudaKernel kernel(String name) {
    resource.require();
    var function = new CudaKernel.Handle();
    context.check(JCudaDriver.cuModuleGetFunction(function, handle, name), "cuModuleGetFunction of " + name);
    return new CudaKernel(name, function);
  }

  @Override
  public void close() {
    resource.close(() -> JCudaDriver.cuModuleUnload(handle), "cuModuleUnload");
  }
}
