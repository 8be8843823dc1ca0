package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.plane;
import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.FusedOp.BottleneckInfer;
import io.github.densenet4j.internal.program.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Layers of a dense block at inference that one kernel makes, an image a block of it:
 * native/cuda/bottleneck_infer_layers.cu. Wherever images are small enough, and their features have room in shared
 * memory.
 *
 * @param layers two or more that follow each other
 */
record InferredLayers(List<BottleneckInfer> layers, String name, Grid grid) {
  /** Of a launch, whose parameters have room for no more. */
  static final int MOST = 32;

  private static final int THREADS = 256;
  private static final long PIXELS = 64;

  /**
   * All there are among operations, each with as many layers as fit.
   *
   * @param batch whose kernels are wanted
   */
  static List<InferredLayers> of(Iterable<Op> ops, long batch, CudaDevice device) {
    var all = new ArrayList<InferredLayers>();
    var layers = new ArrayList<BottleneckInfer>();
    for (var op : ops) {
      switch (op) {
        case FusedOp.BnFold _ -> {} // nothing is launched for it
        case BottleneckInfer next when serves(next, batch, device) -> {
          if (!continues(layers, next, device)) {
            end(layers, all);
          }
          if (!layers.isEmpty() || fits(next, 1, device)) {
            layers.add(next);
          }
        }
        default -> end(layers, all);
      }
    }
    end(layers, all);
    return all;
  }

  private static void end(List<BottleneckInfer> layers, List<InferredLayers> all) {
    if (layers.size() > 1) {
      all.add(of(List.copyOf(layers)));
    }
    layers.clear();
  }

  private static InferredLayers of(List<BottleneckInfer> layers) {
    var first = layers.getFirst();
    var shape = Shape.of(first).orElseThrow();
    int blocks = Math.toIntExact(first.extent().batch());
    int bytes = Math.toIntExact(shape.bytes(first, layers.size()));
    return new InferredLayers(layers, shape.name(), new Grid(blocks, 1, THREADS, bytes));
  }

  private static boolean continues(List<BottleneckInfer> layers, BottleneckInfer next, CudaDevice device) {
    return !layers.isEmpty()
        && layers.size() < MOST
        && follows(layers.getLast(), next)
        && fits(layers.getFirst(), layers.size() + 1, device);
  }

  private static boolean follows(BottleneckInfer before, BottleneckInfer next) {
    return next.x().equals(before.x())
        && next.y().equals(before.y().from(before.outChannels()))
        && next.inChannels() == before.inChannels() + before.outChannels()
        && next.bottleneckChannels() == before.bottleneckChannels()
        && next.outChannels() == before.outChannels();
  }

  private static boolean serves(BottleneckInfer op, long batch, CudaDevice device) {
    long image = op.extent().height() * op.extent().width();
    boolean once = batch <= device.multiprocessors();
    return image <= PIXELS
        && (once || 2 * image > PIXELS) // several rounds of blocks that are mostly empty would take longer than kernels
        && Shape.of(op).isPresent()
        && op.y().equals(op.x().from(op.inChannels()));
  }

  private static boolean fits(BottleneckInfer first, int count, CudaDevice device) {
    return Shape.of(first).orElseThrow().bytes(first, count) <= device.blockSharedBytes();
  }

  /**
   * A kernel, LayersLayout of native/cuda.
   *
   * @param z channels of z
   * @param exchanged bytes by which warps put their sums together
   * @param slot bytes of weights
   */
  private record Shape(String name, FusedValues values, long z, long exchanged, long slot) {
    private static final int SLOTS = 3;

    static Optional<Shape> of(BottleneckInfer op) {
      var values = new FusedValues(op.y().type());
      long z = op.bottleneckChannels();
      if (z <= PointwiseKernels.NARROW_BOTTLENECK && op.outChannels() <= SpatialKernels.NARROW_GROWTH) {
        long slot = values.full() ? 16 * 48 * 16 : 9 * 6 * 16 * 16;
        return Optional.of(
            new Shape(values.named("bottleneck_infer_layers_48"), values, 48, 2 * 6 * 3 * 512, slot));
      }
      boolean wide = z > PointwiseKernels.NARROW_BOTTLENECK && z <= 128;
      if (wide && !values.full() && op.outChannels() > SpatialKernels.NARROW_GROWTH && op.outChannels() <= 32) {
        return Optional.of(new Shape("bottleneck_infer_layers_128", values, 128, 4 * 8 * 512, 8 * 128 * 16));
      }
      return Optional.empty();
    }

    /** Of a block, for so many layers. */
    long bytes(BottleneckInfer first, int count) {
      long vector = values.vector();
      long last = first.inChannels() + (count - 1) * first.outChannels();
      long affine = 128 + 8 * (z + roundUp(last, 2 * vector));
      long planes = z / vector + roundUp(last + first.outChannels(), 2 * vector) / vector;
      return affine + exchanged + SLOTS * slot + planes * plane(PIXELS);
    }
  }
}
