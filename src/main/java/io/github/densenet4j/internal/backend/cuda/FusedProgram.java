package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.memory.OwnBuffer;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Category;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the fused engine has to know of a whole program: which batch normalisation is behind an affine form, where sums,
 * packed weights and partial gradients are, and who finishes what. Batch normalisations have no launch of their own.
 */
final class FusedProgram {
  static final String SUMS = "exact sums";
  static final String WEIGHTS = "packed weights";
  static final String TABLES = "tables of weights";

  /** Columns of a table of packed weights, and of one of partial gradients. */
  private static final int PACKED_COLUMNS = 8;

  private static final int PARTIAL_COLUMNS = 7;

  private final long kernelsOf;
  private final FusedKernels kernels;
  private final ExactSums sums;
  private final Map<BufferView, PackedWeight> weights;
  private final Consumers consumers;
  private final Map<Buffer, FusedOp> norms = new HashMap<>();
  private final Map<FusedOp.BnFinalize, Long> firstNew = new IdentityHashMap<>();
  private final WeightGrids weightGrids;
  private final List<PartialGradient> partials;
  private final List<InferredLayers> inferred;
  private final List<FusedOp.BottleneckInfer> apart;
  private final Op first;
  private final Op lastUpdate;

  /** @throws ConfigurationException if there are no kernels for an operation */
  FusedProgram(Program program, CudaDevice device) {
    var ops = program.ops();
    ops.forEach(FusedLimits::require);
    kernelsOf = program.workload().kernelsOf();
    kernels = new FusedKernels(device, program.lowering().type());
    sums = new ExactSums(ops);
    weights = PackedWeight.of(ops, kernels);
    consumers = new Consumers(program.ops(Phase.BACKWARD));
    weightGrids = new WeightGrids(kernels);
    partials = PartialGradients.of(program.ops(Phase.BACKWARD), kernels, weightGrids);
    inferred = InferredLayers.of(ops, kernelsOf, device);
    apart = apart(ops);
    ops.forEach(this::addNorm);
    findNewChannels(ops);
    first = ops.stream().filter(op -> op instanceof FusedOp).findFirst().orElse(null);
    var update = program.ops(Phase.UPDATE);
    lastUpdate = update.isEmpty() ? null : update.getLast();
  }

  static boolean isFused(Program program) {
    return program.ops().stream().anyMatch(op -> op instanceof FusedOp);
  }

  private void addNorm(Op op) {
    switch (op) {
      case FusedOp.BnFinalize norm -> norms.put(norm.affine().scale().buffer(), norm);
      case FusedOp.BnFold norm -> norms.put(norm.affine().scale().buffer(), norm);
      default -> {}
    }
  }

  /** The first consumer of a channel finishes its statistics, the others find them. */
  private void findNewChannels(List<Op> ops) {
    var finished = new HashMap<Buffer, Long>();
    for (var op : ops) {
      if (op instanceof FusedOp.BnFinalize norm) {
        long known = sums.has(norm.statistics()) ? 0 : norm.channels();
        var mean = norm.statistics().mean().buffer();
        firstNew.put(norm, Math.max(known, finished.getOrDefault(mean, 0L)));
        finished.merge(mean, norm.channels(), Math::max);
      }
    }
  }

  /** Layers at inference that are two kernels. */
  private List<FusedOp.BottleneckInfer> apart(List<Op> ops) {
    var all = new ArrayList<FusedOp.BottleneckInfer>();
    for (var op : ops) {
      if (op instanceof FusedOp.BottleneckInfer layer
          && inferred(layer).isEmpty()
          && bottleneckKernel(layer).isEmpty()) {
        all.add(layer);
      }
    }
    return all;
  }

  /** The grid of the kernel that makes the gradient of an operation's weights. */
  Grid weightGrid(Op op) {
    return weightGrids.of(op);
  }

  static Extent pooled(Extent extent) {
    return extent.windows(2, 2, 0);
  }

  /** What the plan is to have besides the program's buffers. */
  List<OwnBuffer> buffers() {
    var buffers = new ArrayList<OwnBuffer>();
    if (sums.bytes() > 0) {
      buffers.add(OwnBuffer.lasting(SUMS, Category.WORKSPACE, sums.bytes()));
    }
    if (!weights.isEmpty()) {
      buffers.add(OwnBuffer.lasting(WEIGHTS, Category.PARAMETERS, PackedWeight.bytes(weights)));
    }
    if (tableWords() > 0) {
      buffers.add(OwnBuffer.lasting(TABLES, Category.WORKSPACE, tableWords() * Long.BYTES));
    }
    partials.forEach(
        partial -> buffers.add(OwnBuffer.between(partial.name(), partial.bytes(), partial.op(), partial.until())));
    apart.forEach(op -> buffers.add(OwnBuffer.between(nameOfZ(op), bytesOfZ(op), op, op)));
    return buffers;
  }

  static String nameOfZ(FusedOp.BottleneckInfer op) {
    return "bottleneck " + op.weight1().offset();
  }

  private static long bytesOfZ(FusedOp.BottleneckInfer op) {
    return op.extent().pixels() * pitchOfZ(op) * op.y().type().bytes();
  }

  static long pitchOfZ(FusedOp.BottleneckInfer op) {
    return FusedKernel.roundUp(op.bottleneckChannels(), 8);
  }

  /** Words of the table of packed weights, which the partial gradients' follows. */
  long packedWords() {
    return (long) PACKED_COLUMNS * weights.size();
  }

  long tableWords() {
    return packedWords() + (long) PARTIAL_COLUMNS * partials.size();
  }

  FusedKernels kernels() {
    return kernels;
  }

  ExactSums sums() {
    return sums;
  }

  Map<BufferView, PackedWeight> weights() {
    return weights;
  }

  Consumers consumers() {
    return consumers;
  }

  List<PartialGradient> partials() {
    return partials;
  }

  /** Of one operation. */
  List<PartialGradient> partials(Op op) {
    return partials.stream().filter(partial -> partial.op() == op).toList();
  }

  /** By which kernels of forward passes are chosen. */
  Extent chosenBy(Extent extent) {
    return new Extent(kernelsOf, extent.height(), extent.width());
  }

  /** Of a layer at inference that is one kernel by itself. */
  Optional<BottleneckKernel> bottleneckKernel(FusedOp.BottleneckInfer op) {
    return BottleneckKernel.of(op, chosenBy(op.extent()), kernels.device());
  }

  /** Layers that are one kernel, {@code op} among them. */
  Optional<InferredLayers> inferred(FusedOp.BottleneckInfer op) {
    return inferred.stream().filter(layers -> layers.layers().stream().anyMatch(layer -> layer == op)).findFirst();
  }

  /** Operations that are one kernel, list by list. */
  List<List<FusedOp.BottleneckInfer>> madeTogether() {
    return inferred.stream().map(InferredLayers::layers).toList();
  }

  /** The batch normalisation whose affine form this is. */
  FusedOp norm(Affine affine) {
    var norm = norms.get(affine.scale().buffer());
    if (norm == null) {
      throw new IllegalArgumentException("no operation of the program makes " + affine.scale().buffer());
    }
    return norm;
  }

  /** Channels whose statistics {@code norm} finds finished. */
  long firstNew(FusedOp.BnFinalize norm) {
    return firstNew.get(norm);
  }

  /** Whether sums are to be cleared before {@code op}: it is the first of a step. */
  boolean begins(Op op) {
    return op == first && sums.bytes() > 0;
  }

  /** Whether weights have changed after {@code op}. */
  boolean updates(Op op) {
    return op == lastUpdate;
  }
}
