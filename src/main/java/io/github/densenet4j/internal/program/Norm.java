package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import java.util.List;
import java.util.stream.Stream;

/** One batch normalisation as a consumer of the first {@code channels} channels of x. */
final class Norm {
  private final NetworkBuffers buffers;
  private final String name;
  private final FeatureMap x;
  private final int channels;
  private final Affine affine;
  private final boolean trains;
  private final List<Op> folds;

  /** @param trains whether it normalises by the batch, or by running statistics */
  Norm(NetworkBuffers buffers, MirroredPasses passes, String name, FeatureMap x, int channels, boolean trains) {
    this.buffers = buffers;
    this.name = name;
    this.x = x;
    this.channels = channels;
    affine = buffers.affine(name, channels);
    this.trains = trains;
    folds = trains ? List.of() : folds(passes);
  }

  /** Scale and shift by running statistics: made once for all batches at inference, and else before each. */
  private List<Op> folds(MirroredPasses passes) {
    var running = buffers.running(name);
    var fold =
        new FusedOp.BnFold(
            affine, running.mean(), running.variance(), buffers.value(name + ".weight"), buffers.value(name + ".bias"),
            channels);
    if (buffers.training()) {
      return List.of(fold);
    }
    passes.fold(fold);
    return List.of();
  }

  Affine affine() {
    return affine;
  }

  /** What makes scale and shift, unless that is done before any image is there. */
  List<Op> before() {
    if (!trains) {
      return folds;
    }
    var running = buffers.running(name);
    return List.of(
        new FusedOp.BnFinalize(
            affine, running.mean(), running.variance(), x.tensor().statistics(), buffers.value(name + ".weight"),
            buffers.value(name + ".bias"), NetworkBuffers.BN_MOMENTUM, x.extent().pixels(), channels));
  }

  /** The forward operations of the one that reads x. */
  List<Op> before(Op op) {
    return Stream.concat(before().stream(), Stream.of(op)).toList();
  }

  Input input() {
    return new Input(x.saved().value(), x.saved().statistics(), affine, buffers.value(name + ".weight"));
  }

  InputGradient gradient(boolean accumulate) {
    var dgamma = buffers.gradient(name + ".weight");
    var dbeta = buffers.gradient(name + ".bias");
    return new InputGradient(x.saved().gradient(), dgamma, dbeta, accumulate);
  }
}
