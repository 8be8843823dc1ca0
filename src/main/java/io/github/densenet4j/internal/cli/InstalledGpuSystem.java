package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.Fatbin;
import io.github.densenet4j.internal.backend.cuda.cublas.CublasLibrary;
import io.github.densenet4j.internal.backend.cuda.NvidiaLibraries;
import io.github.densenet4j.internal.backend.cuda.Toolkit;
import io.github.densenet4j.internal.backend.cuda.cudnn.CudnnLibrary;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DriverLibrary;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * This computer. Without a driver, cuDNN and cuBLAS are looked for but not loaded: they could do nothing, and the
 * software device's could not be loaded beside them. Without cuDNN any cuBLAS counts.
 */
final class InstalledGpuSystem implements GpuSystem {
  private static final String SUFFIX = ".so.";

  private final SearchPath path = SearchPath.ofProcess();
  private DriverLibrary driver;
  private CudnnLibrary cudnn;

  @Override
  public List<Path> searched() {
    return path.folders();
  }

  @Override
  public Driver driver() {
    driver = DriverLibrary.ofSystem();
    return new Driver(driver.file(), driver.version());
  }

  @Override
  public List<CudaDevice> devices() {
    return CudaDevice.all(driver);
  }

  @Override
  public Library cudnn() {
    if (driver == null) {
      return found(CudnnLibrary.find(path).file());
    }
    cudnn = CudnnLibrary.load(path);
    return new Library(cudnn.file(), cudnn.version());
  }

  @Override
  public Library cublas() {
    if (cudnn == null) {
      return found(CublasLibrary.find(path).file());
    }
    var library = NvidiaLibraries.load(path, driver.number()).cublas();
    return new Library(library.file(), library.version());
  }

  /** With the version that the file's own name ends with: libcudnn.so.9 is a link to libcudnn.so.9.19.0. */
  private static Library found(Path file) {
    try {
      String name = file.toRealPath().getFileName().toString();
      return new Library(file, name.substring(name.indexOf(SUFFIX) + SUFFIX.length()));
    } catch (IOException e) {
      return new Library(file, "");
    }
  }

  @Override
  public Optional<String> toolkit() {
    return Toolkit.shipped().map(Toolkit::version);
  }

  @Override
  public List<String> architectures() {
    return Fatbin.shipped().architectures();
  }

  @Override
  public Backend open() {
    return CudaBackend.gpu(CudaOptions.DEFAULT);
  }
}
