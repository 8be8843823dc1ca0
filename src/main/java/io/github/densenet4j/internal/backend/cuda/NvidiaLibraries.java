package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.cublas.CublasLibrary;
import io.github.densenet4j.internal.backend.cuda.cudnn.CudnnLibrary;
import io.github.densenet4j.internal.backend.cuda.driver.DriverLibrary;
import io.github.densenet4j.internal.backend.cuda.library.RuntimeCompiler;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import java.nio.file.Path;

/** cuDNN and cuBLAS, both for the same major version of CUDA: two of them in a process can end it. */
public record NvidiaLibraries(CudnnLibrary cudnn, CublasLibrary cublas) {
  private static final int MAJOR = 1000;

  /**
   * Finds and loads them.
   *
   * @param driver the newest version of CUDA that the driver supports, such as 13000
   * @throws DeviceException if one is missing, they do not fit each other or the driver, or cannot be loaded
   */
  public static NvidiaLibraries load(SearchPath path, int driver) {
    var cudnn = CudnnLibrary.load(path);
    requireSupport(cudnn.toolkit(), driver, cudnn.file());
    int major = cudnn.toolkit() / MAJOR;
    var cublas = CublasLibrary.load(path, major);
    RuntimeCompiler.load(path, major);
    cudnn.loadParts();
    return new NvidiaLibraries(cudnn, cublas);
  }

  /** Within a major version an older driver does. */
  static void requireSupport(int toolkit, int driver, Path cudnn) {
    if (toolkit / MAJOR > driver / MAJOR) {
      throw new DeviceException(
          cudnn + " is built for CUDA " + toolkit / MAJOR + ", the NVIDIA driver is for CUDA "
              + DriverLibrary.text(driver) + ": install a newer driver, or a cuDNN and cuBLAS for CUDA "
              + driver / MAJOR + " (pip install nvidia-cudnn-cu" + driver / MAJOR + ")");
    }
  }
}
