package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import java.util.function.Supplier;

/** One training step of a tiny network: what makes a device ready. */
final class TrialStep {
  private static final DenseNetConfig TINY =
      new DenseNetConfig("doctor", 4, List.of(1, 1), 8, 4, 0.5, 0, Stem.CIFAR, 1, 8, 2);

  private TrialStep() {}

  /**
   * Opens a device, runs the step and closes the device.
   *
   * @return {@link Findings#READY}, or what is wrong in one sentence
   */
  static String on(Supplier<Backend> device, Lowering lowering) {
    try (var backend = device.get()) {
      return trains(backend, lowering)
          ? Findings.READY
          : "broken: a training step on " + backend.description() + " gave no finite loss";
    } catch (DensenetException e) {
      return e.getMessage();
    }
  }

  private static boolean trains(Backend backend, Lowering lowering) {
    var program = lowering.lower(TINY, Workload.training(2, 0.9, 1e-4));
    try (var session = new NetworkSession(backend, program)) {
      session.setParameters(new Initialization(1).learnable(program.parameters()));
      session.step(0.1, 0, 1);
      return Double.isFinite(session.loss());
    }
  }
}
