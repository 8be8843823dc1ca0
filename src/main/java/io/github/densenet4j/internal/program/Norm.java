package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import java.util.List;

/** One batch normalisation as a consumer of the first {@code channels} channels of x. */
final class Norm {
  private final NetworkBuffers buffers;
  private final String name;
  private final FeatureMap x;
  private final int channels;
  private final Affine affine;

  Norm(NetworkBuffers buffers, MirroredPasses passes, String name, FeatureMap x, int channels) {
    this.buffers = buffers;
    this.name = name;
    this.x = x;
    this.channels = channels;
    affine = buffers.training() ? buffers.affine(name, channels) : folded(buffers, passes, name, channels);
  }

  /** Scale and shift at inference, which are made once for all batches. */
  static Affine folded(NetworkBuffers buffers, MirroredPasses passes, String name, int channels) {
    var affine = buffers.affine(name, channels);
    var running = buffers.running(name);
    passes.fold(
        new FusedOp.BnFold(
            affine, running.mean(), running.variance(), buffers.value(name + ".weight"), buffers.value(name + ".bias"),
            channels));
    return affine;
  }

  Affine affine() {
    return affine;
  }

  /** The forward operations of the one that reads x; in training scale and shift depend on the batch. */
  List<Op> before(Op op) {
    if (!buffers.training()) {
      return List.of(op);
    }
    var running = buffers.running(name);
    return List.of(
        new FusedOp.BnFinalize(
            affine, running.mean(), running.variance(), x.tensor().statistics(), buffers.value(name + ".weight"),
            buffers.value(name + ".bias"), NetworkBuffers.BN_MOMENTUM, x.extent().pixels(), channels),
        op);
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
