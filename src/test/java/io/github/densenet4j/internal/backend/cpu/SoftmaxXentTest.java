package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.PlainOp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxXentTest {
  private final OpHarness harness = new OpHarness(Layout.WIDE);
  private final Operand loss = harness.words("loss", true, -1, -1);
  private final Operand correct = harness.words("correct", true, -1, -1);

  /** Cross entropy by p_k = 1 / sum over j of exp(z_j - z_k). */
  record Expected(double loss, double magnitude, long correct, Real dlogits) {
    static Expected of(double[] logits, int[] labels) {
      int batch = labels.length;
      int classes = logits.length / batch;
      var dlogits = Real.zeros(logits.length);
      double loss = 0;
      double magnitude = 0;
      long correct = 0;
      for (int i = 0; i < logits.length; i++) {
        int first = i / classes * classes;
        double inverse = 0;
        boolean largest = true;
        for (int j = first; j < first + classes; j++) {
          inverse += Math.exp(logits[j] - logits[i]);
          largest &= logits[j] <= logits[i];
        }
        dlogits.add(i, 1 / inverse / batch, 1 / inverse / batch);
        magnitude += Math.abs(logits[i]) / batch;
        if (i - first == labels[i / classes]) {
          dlogits.add(i, -1.0 / batch, 1.0 / batch);
          loss += Math.log(inverse) / batch;
          correct += largest ? 1 : 0;
        }
      }
      return new Expected(loss, loss + magnitude, correct, dlogits);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1", "1, 2, 1", "2, 3, 10", "3, 7, 100", "5, 10, 1", "64, 10, 3", "7, 13, 0.01", "33, 100, 5", "2, 1000, 1"
  })
  void lossGradientAndCountOfABatch(int batch, int classes, double deviation) {
    var draws = new Draws(classes);
    float[] values = draws.normal(batch * classes, 0, deviation);
    int[] labels = draws.integers(batch, classes);
    run(
        values, labels,
        (outcome, logits, dlogits) -> {
          var expected = Expected.of(logits.values(), labels);
          outcome.check(dlogits, expected.dlogits, 0);
          assertThat(outcome.bytes(correct).getLong()).isEqualTo(expected.correct);
          double allowed = Tolerance.ofDouble(batch + classes, expected.magnitude);
          Tolerance.check(
              "loss", new double[] {outcome.bytes(loss).getDouble()}, new double[] {expected.loss}, _ -> allowed);
        });
  }

  @Test
  void hugeLogitsNeitherOverflowNorVanish() {
    float[] logits = {1e30f, -1e30f, 0, -1e4f, 1e4f, 0};
    run(
        logits, new int[] {0, 0},
        (outcome, _, dlogits) -> {
          assertThat(outcome.bytes(loss).getDouble()).isEqualTo(1e4);
          assertThat(outcome.bytes(correct).getLong()).isEqualTo(1);
          assertThat(outcome.values(dlogits)).containsExactly(0, 0, 0, -0.5, 0.5, 0);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aLogitThatIsNotANumberMakesTheLossNotANumber(int at) {
    var logits = new float[] {1, 2, 3, 4};
    logits[at] = Float.NaN;
    run(logits, new int[] {1}, (outcome, _, _) -> assertThat(outcome.bytes(loss).getDouble()).isNaN());
  }

  private interface Check {
    void check(Outcome outcome, Operand logits, Operand dlogits);
  }

  private void run(float[] values, int[] classes, Check check) {
    var logits = harness.source("logits", values);
    var labels = harness.words("labels", false, classes);
    var dlogits = harness.destination("dlogits", values.length);
    var op =
        new PlainOp.SoftmaxXent(
            loss.view(), correct.view(), dlogits.view(), logits.view(), labels.view(), classes.length,
            values.length / classes.length);
    harness.run(List.of(op), outcome -> check.check(outcome, logits, dlogits));
  }
}
