package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DriverLibrary;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.backend.library.NativeFiles;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The software CUDA device: a driver, a cuDNN and a cuBLAS that compute on the processor, under the names of NVIDIA's.
 * It runs the very kernels that a GPU runs, slowly, and is strict about what a GPU would punish.
 *
 * @param folder of its libraries
 */
public record SoftwareCuda(Path folder) {
  private static final String DRIVER = "libcuda.so.1";
  private static final List<String> FILES =
      List.of(
          DRIVER, "libcublas.so.13", "libcublasLt.so.13", "libcudnn.so.9", "libcudnn_graph.so.9",
          "libcudnn_ops.so.9", "libcudnn_cnn.so.9",
          "libcudnn_adv.so.9", "libcudnn_heuristic.so.9", "libcudnn_engines_precompiled.so.9",
          "libcudnn_engines_runtime_compiled.so.9");

  /** @throws DeviceException if this build has none */
  public static SoftwareCuda load() {
    return new SoftwareCuda(NativeFiles.find("the parts of the software CUDA device", "software-cuda", FILES));
  }

  /** @throws DeviceException if the process uses another driver already */
  public DriverLibrary driver() {
    return DriverLibrary.of(folder.resolve(DRIVER));
  }

  /**
   * Makes the device as a new process would find it, after an error that has ended its context.
   *
   * @throws IllegalStateException if somebody still has its context
   */
  public void startAgain() {
    CudaContext.startAgain(CudaDevice.of(driver(), 0));
  }

  /** Where its cuDNN and cuBLAS lie, and nothing else. */
  SearchPath libraries() {
    return new SearchPath(Map.of(), List.of(folder));
  }

  /**
   * Changes a setting of the device, see native/software-cuda/driver/densenet4j_software_cuda.h: {@code memory}, {@code
   * schedule}, {@code fail} and others.
   *
   * @throws IllegalArgumentException if there is no such setting or value
   */
  public void set(String key, String value) {
    var set = bind("dn_software_cuda_set", NativeType.INT, NativeType.HOST, NativeType.HOST);
    try (var arena = Arena.ofConfined()) {
      var keyText = arena.allocateFrom(key);
      var valueText = arena.allocateFrom(value);
      NativeCall call = () -> (int) set.invokeExact(keyText, valueText);
      if (call.status() != 0) {
        throw new IllegalArgumentException("the software CUDA device has no setting " + key + "=" + value);
      }
    }
  }

  /**
   * What the device has counted, such as {@code live_bytes} or {@code launches}; the same header lists it.
   *
   * @throws IllegalArgumentException if there is no such counter
   */
  public long count(String name) {
    var count = bind("dn_software_cuda_count", NativeType.SIZE, NativeType.HOST);
    long value;
    try (var arena = Arena.ofConfined()) {
      value = (long) count.invokeExact(arena.allocateFrom(name));
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
    if (value < 0) {
      throw new IllegalArgumentException("the software CUDA device counts no " + name);
    }
    return value;
  }

  private MethodHandle bind(String name, NativeType result, NativeType... parameters) {
    return LoadedLibrary.load("the software CUDA device", folder.resolve(DRIVER)).bind(name, result, parameters);
  }
}
