package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.KernelCount;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;
import io.github.densenet4j.internal.program.Program;

/** Counts the kernels that a fused program launches, without any of them. */
final class KernelCounter implements Launcher {
  private int path;
  private int beside;

  private KernelCounter() {}

  /** Those of a step, or of an inference. */
  static KernelCount count(Program program, CudaDevice device) {
    var counter = new KernelCounter();
    var kernels = new Kernels(device, counter);
    var fused = new FusedLaunches(kernels, Places.NOWHERE, NOWHERE, new FusedProgram(program, device), false);
    var launches = Launches.ofOwnKernels(kernels, Places.NOWHERE, fused);
    for (var op : program.step()) {
      launches.of(op, new Scratch(DevicePointer.NULL, launches.workspaceBytes(op))).enqueue();
    }
    return new KernelCount(counter.path, counter.beside);
  }

  private static final OwnPlaces NOWHERE =
      new OwnPlaces() {
        @Override
        public DevicePointer of(String name) {
          return DevicePointer.NULL;
        }

        @Override
        public Launch cleared(String name) {
          return () -> {};
        }

        @Override
        public void write(String name, long[] words) {}
      };

  @Override
  public Launch launch(String name, Grid grid, KernelArguments arguments) {
    return () -> path++;
  }

  @Override
  public Launch beside(Launch main, String name, Grid grid, KernelArguments arguments) {
    return () -> {
      main.enqueue();
      beside++;
    };
  }

  @Override
  public Launch aside(String name, Grid grid, KernelArguments arguments) {
    return () -> beside++;
  }

  @Override
  public Launch join() {
    return () -> {};
  }

  @Override
  public void close() {}
}
