package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import java.util.function.Supplier;

/** Training steps of a tiny network: what makes a device ready. */
final class TrialStep {
  private static final DenseNetConfig TINY =
      new DenseNetConfig("doctor", 4, List.of(1, 1), 8, 4, 0.5, 0, Stem.CIFAR, 1, 8, 2);

  private TrialStep() {}

  /** On a GPU the first is checked operation by operation, the second captured in a graph, the third replayed. */
  private static final int STEPS = 3;

  /**
   * Opens a device, runs the steps and closes the device.
   *
   * @return {@link Findings#READY}, or what is wrong in one sentence
   */
  static String on(Supplier<Backend> device, Lowering lowering) {
    try (var backend = device.get()) {
      return trained(backend, lowering);
    } catch (DensenetException e) {
      return e.getMessage();
    }
  }

  private static String trained(Backend backend, Lowering lowering) {
    var program = lowering.lower(TINY, Workload.training(2, 0.9, 1e-4));
    try (var session = new NetworkSession(backend, program)) {
      session.setParameters(new Initialization(1).learnable(program.parameters()));
      for (int step = 0; step < STEPS; step++) {
        String failure = failure(session, step);
        if (failure != null) {
          return "broken: training step " + (step + 1) + " of " + STEPS + " on " + backend.description() + failure;
        }
      }
      return Findings.READY;
    }
  }

  /** What is wrong with a step, or null. */
  private static String failure(NetworkSession session, int step) {
    try {
      session.step(0.1, step, 1);
      return Double.isFinite(session.loss()) ? null : " gave no finite loss";
    } catch (DeviceException e) {
      return " failed: " + e.getMessage();
    }
  }
}
