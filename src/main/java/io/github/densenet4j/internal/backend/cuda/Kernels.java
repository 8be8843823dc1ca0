package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;
import java.io.IOException;
import java.util.List;

/** The kernels of native/cuda on a device, and how many blocks they run on. */
final class Kernels implements AutoCloseable {
  private static final String IMAGE = "/native/densenet4j.fatbin";
  private static final int THREADS = 256;
  private static final int MOST_THREADS = 1024;

  private final CudaDevice device;
  private final Launcher launcher;

  /** As many as are resident at a time: one wave. */
  private final long mostBlocks;

  Kernels(CudaContext context, CudaStream stream) {
    this(context.device(), new StreamLauncher(context, stream, image()));
  }

  /** @param launcher is closed with this */
  Kernels(CudaDevice device, Launcher launcher) {
    this.device = device;
    this.launcher = launcher;
    mostBlocks = (long) device.multiprocessors() * (device.residentThreads() / THREADS);
  }

  /**
   * All kernels, for every architecture that they are compiled for.
   *
   * @throws DeviceException if the kernels were left out of the build
   */
  static byte[] image() {
    try (var in = Kernels.class.getResourceAsStream(IMAGE)) {
      if (in == null) {
        throw new DeviceException(
            "this build has no CUDA kernels: compile them with scripts/build --cuda, or use device cpu", "device");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new DeviceException("the CUDA kernels " + IMAGE + " cannot be read: " + e, e);
    }
  }

  CudaDevice device() {
    return device;
  }

  /** A launch that covers {@code values} values, each thread as many as it takes. */
  Launch covering(long values, String stem, Object... arguments) {
    return launch(stem, blocksOver(values), THREADS, arguments);
  }

  private int blocksOver(long values) {
    return Math.toIntExact(Math.clamp(Math.ceilDiv(values, THREADS), 1, mostBlocks));
  }

  /** The same beside all that comes before {@link #join}. */
  Launch coveringAside(long values, String stem, Object... arguments) {
    return launcher.aside(stem, new Grid(blocksOver(values), 1, THREADS, 0), KernelArguments.of(arguments));
  }

  /** What comes after waits for what was put aside. */
  Launch join() {
    return launcher.join();
  }

  /** A launch of one block, as large as they come. */
  Launch oneBlock(String stem, Object... arguments) {
    return launch(stem, 1, MOST_THREADS, arguments);
  }

  /** A launch of one thread. */
  Launch oneThread(String stem, Object... arguments) {
    return launch(stem, 1, 1, arguments);
  }

  /** A launch of so many blocks. */
  Launch launch(String stem, int blocks, int threads, Object... arguments) {
    return launcher.launch(stem, new Grid(blocks, 1, threads, 0), KernelArguments.of(arguments));
  }

  /**
   * A launch of a kernel whose parameters are one struct.
   *
   * @param name without what all kernels' names begin with
   * @param members of the struct, 8 bytes each
   */
  Launch grid(String name, Grid grid, List<?> members) {
    return launcher.launch(name, grid, KernelArguments.struct(members));
  }

  /** Those of a program's kernels that take tiles, in its order. */
  TiledLaunches tiled() {
    return new TiledLaunches(launcher);
  }

  @Override
  public void close() {
    launcher.close();
  }
}
