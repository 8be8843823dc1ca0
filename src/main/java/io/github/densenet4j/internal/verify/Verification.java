package io.github.densenet4j.internal.verify;

import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What a device and strategy made of a reference case.
 *
 * @param caseName the case's name
 * @param errors the largest error of each group of tensors
 * @param limits what is allowed
 */
public record Verification(String caseName, String device, String strategy, Errors errors, Errors limits) {
  public boolean pass() {
    return errors.within(limits);
  }

  /**
   * Runs the case in {@code file}.
   *
   * @param processor gives the limits of bfloat16: what float32 makes of rounded parameters
   * @throws CheckpointException if the file is no reference case
   */
  public static Verification run(Path file, Backend backend, Lowering lowering, Backend processor) {
    try (var reference = ReferenceCase.open(file)) {
      return new Verification(
          reference.name(), backend.name(), lowering.label(), errors(reference, backend, lowering, false),
          limits(reference, lowering, processor));
    }
  }

  private static Errors limits(ReferenceCase reference, Lowering lowering, Backend processor) {
    return lowering.precision() == Precision.FLOAT32
        ? Tolerances.of(reference.name())
        : Tolerances.ofBfloat16(errors(reference, processor, Lowerings.of(Strategy.NAIVE), true));
  }

  /** @param rounded whether it starts from parameters that are rounded to bfloat16 */
  private static Errors errors(ReferenceCase reference, Backend backend, Lowering lowering, boolean rounded) {
    var workload = Workload.training(reference.batch(), ReferenceCase.MOMENTUM, ReferenceCase.WEIGHT_DECAY);
    try (var session = new NetworkSession(backend, lowering.lower(reference.config(), workload))) {
      return new Run(reference, session, rounded).errors();
    }
  }

  private record Run(ReferenceCase reference, NetworkSession session, boolean rounded) {
    Errors errors() {
      var parameters = session.program().parameters();
      session.setParameters(state("init.", parameters.learnable(), parameters.learnableCount()));
      session.setRunning(state("init.", parameters.running(), parameters.runningCount()));

      step(0);
      double logits = error(doubles(session.logits()), "step0.logits");
      double loss = error(new double[] {session.loss()}, "step0.loss");
      double gradients = worst("step0.grad.", parameters.learnable(), session.gradients());
      double running = worst("after1.", parameters.running(), session.running());
      double after1 = worst("after1.", parameters.learnable(), session.parameters());

      for (int step = 1; step < ReferenceCase.STEPS; step++) {
        step(step);
      }
      double after3 =
          Math.max(
              worst("after3.", parameters.learnable(), session.parameters()),
              worst("after3.", parameters.running(), session.running()));

      session.load(MemorySegment.ofArray(reference.images(0)));
      session.infer();
      double eval = error(doubles(session.logits()), "eval.logits");
      return new Errors(logits, loss, gradients, running, after1, after3, eval);
    }

    private void step(int step) {
      session.load(
          MemorySegment.ofArray(reference.images(step)), MemorySegment.ofArray(reference.labels(step)));
      session.step(ReferenceCase.LEARNING_RATE, step, 0);
    }

    private float[] state(String prefix, List<Parameter> group, long count) {
      var values = new float[Math.toIntExact(count)];
      for (var parameter : group) {
        double[] tensor = reference.tensor(prefix + parameter.name(), parameter.count());
        for (int i = 0; i < tensor.length; i++) {
          float value = (float) tensor[i];
          values[(int) parameter.offset() + i] = rounded ? ElementType.BFLOAT16.round(value) : value;
        }
      }
      return values;
    }

    private double worst(String prefix, List<Parameter> group, float[] found) {
      double worst = 0;
      for (var parameter : group) {
        int offset = (int) parameter.offset();
        float[] values = Arrays.copyOfRange(found, offset, offset + parameter.count());
        worst = Math.max(worst, error(doubles(values), prefix + parameter.name()));
      }
      return worst;
    }

    private double error(double[] found, String expected) {
      return Errors.relative(found, reference.tensor(expected, found.length));
    }

    private static double[] doubles(float[] values) {
      var doubles = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        doubles[i] = values[i];
      }
      return doubles;
    }
  }
}
