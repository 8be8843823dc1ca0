package io.github.densenet4j.internal.program;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Collects the passes stage by stage, from the stem to the head: each stage adds its operations to the end of the
 * forward list and to the front of the backward list, so the two are mirror images.
 */
final class MirroredPasses {
  private final List<Op> fold = new ArrayList<>();
  private final List<Op> forward = new ArrayList<>();
  private final List<List<Op>> backward = new ArrayList<>();

  /** Adds an operation that reads nothing of the images. */
  void fold(Op op) {
    fold.add(op);
  }

  /** The backward operations are asked for only if the stage trains. */
  void stage(List<Op> forward, boolean trains, Supplier<List<Op>> backward) {
    this.forward.addAll(forward);
    if (trains) {
      this.backward.add(backward.get());
    }
  }

  Passes passes() {
    return new Passes(fold, forward, backward.reversed().stream().flatMap(List::stream).toList());
  }
}
