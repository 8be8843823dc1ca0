package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.PlainOp;
import java.util.Collections;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SgdNesterovTest {
  private static final int STEPS = 3;

  /** Multiplications and additions of a step, one after the other. */
  private static final int ROUNDINGS = 8;

  @ParameterizedTest
  @CsvSource({
    "1, 0.1, 0.9, 0.0001", "7, 0.1, 0, 0", "13, 0, 0.9, 0.1", "16, 0.5, 0.5, 0.5", "17, 0.1, 0.9, 0",
    "4095, 0.1, 0, 0.0001", "4096, 0.1, 0.9, 0.0001", "4097, 0.01, 0.99, 0.0005", "140013, 0.1, 0.9, 0.0001"
  })
  void threeStepsAgreeWithAPlainLoop(int count, double learningRate, double momentum, double weightDecay) {
    var harness = new OpHarness(Layout.WIDE);
    var draws = new Draws(count);
    var parameters = harness.updated(harness.place("parameters", 1, count), draws.normal(count, 0, 1));
    var velocity = harness.updated(harness.place("velocity", 1, count), draws.normal(count, 0, 1));
    var gradients = harness.source("gradients", draws.normal(count, 0, 1));
    var control = new Control(learningRate, 5, 7).in(harness);
    var op =
        new PlainOp.SgdNesterov(
            parameters.view(), velocity.view(), gradients.view(), control.view(), momentum, weightDecay, count);
    var hyper = new Hyper(learningRate, momentum, weightDecay);
    var state = new State(Real.given(parameters.values()), Real.given(velocity.values()));
    for (int step = 0; step < STEPS; step++) {
      state = state.next(Real.given(gradients.values()), hyper);
    }
    var expected = state;
    harness.run(
        Collections.nCopies(STEPS, op),
        outcome -> {
          outcome.check(velocity, expected.velocity, STEPS * ROUNDINGS);
          outcome.check(parameters, expected.parameters, STEPS * ROUNDINGS);
        });
  }

  private record Hyper(double learningRate, double momentum, double weightDecay) {}

  private record State(Real parameters, Real velocity) {
    State next(Real gradients, Hyper hyper) {
      var next = new State(Real.zeros(parameters.size()), Real.zeros(parameters.size()));
      var decayed = Real.zeros(parameters.size());
      for (int i = 0; i < parameters.size(); i++) {
        decayed.add(i, gradients, i, 1);
        decayed.add(i, parameters, i, hyper.weightDecay);
        next.velocity.add(i, velocity, i, hyper.momentum);
        next.velocity.add(i, decayed, i, 1);
        next.parameters.add(i, parameters, i, 1);
        next.parameters.add(i, decayed, i, -hyper.learningRate);
        next.parameters.add(i, next.velocity, i, -hyper.learningRate * hyper.momentum);
      }
      return next;
    }
  }
}
