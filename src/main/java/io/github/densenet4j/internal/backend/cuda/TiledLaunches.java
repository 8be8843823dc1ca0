package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.backend.cuda.driver.KernelArguments;

/**
 * Launches of those kernels of a program whose blocks take tiles of pixels or images: native/cuda/tiles.cuh. On the
 * path that others wait for they take turns: one goes through its tiles from the last one back, the next one from the
 * first one on. So what a kernel has written last is read first, while the L2 has it.
 */
final class TiledLaunches {
  private final Launcher launcher;
  private boolean reversed;

  TiledLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  /** The first one of a forward pass, from the last tile back: its image was normalised from the first pixel on. */
  Launch first(String name, Grid grid, Struct members) {
    reversed = false;
    return of(name, grid, members);
  }

  /**
   * The next one on the path.
   *
   * @param name without what all kernels' names begin with
   * @param members of the kernel's struct but the last, which says whether tiles are taken from the last one back
   */
  Launch of(String name, Grid grid, Struct members) {
    reversed = !reversed;
    return launcher.launch(name, grid, arguments(members));
  }

  /**
   * The next one on the path is of what is recomputed: it has the order of the one before, so that those which are there
   * in any case have the same order, and leave the same bits, with it and without.
   */
  void keepOrder() {
    reversed = !reversed;
  }

  /** One beside the last that was made, {@code main}, whose order it has, since it reads the same tensors. */
  Launch beside(Launch main, String name, Grid grid, Struct members) {
    return launcher.beside(main, name, grid, arguments(members));
  }

  private KernelArguments arguments(Struct members) {
    return KernelArguments.struct(Struct.of().with(members).with(reversed).members());
  }
}
