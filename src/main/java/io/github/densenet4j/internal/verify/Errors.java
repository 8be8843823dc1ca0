package io.github.densenet4j.internal.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The largest error of each group of tensors, relative to the largest magnitude in the tensor; also the limits that such
 * errors are held to.
 *
 * @param runningStats running means and variances after one step
 * @param weightsAfter1 learnable values after one step
 * @param weightsAfter3 learnable values and running statistics after three steps
 */
public record Errors(
    double logits,
    double loss,
    double gradients,
    double runningStats,
    double weightsAfter1,
    double weightsAfter3,
    double evalLogits) {

  /** The same function of each error. */
  Errors map(DoubleUnaryOperator function) {
    return new Errors(
        function.applyAsDouble(logits),
        function.applyAsDouble(loss),
        function.applyAsDouble(gradients),
        function.applyAsDouble(runningStats),
        function.applyAsDouble(weightsAfter1),
        function.applyAsDouble(weightsAfter3),
        function.applyAsDouble(evalLogits));
  }

  /** Whether no error is above its limit; an error that is NaN is. */
  public boolean within(Errors limits) {
    var limit = limits.byName();
    return byName().entrySet().stream().allMatch(e -> e.getValue() <= limit.get(e.getKey()));
  }

  /** The errors under the names of {@code verify --json}, in order. */
  public Map<String, Double> byName() {
    var map = new LinkedHashMap<String, Double>();
    map.put("logits", logits);
    map.put("loss", loss);
    map.put("gradients", gradients);
    map.put("running_stats", runningStats);
    map.put("weights_after_1", weightsAfter1);
    map.put("weights_after_3", weightsAfter3);
    map.put("eval_logits", evalLogits);
    return map;
  }

  /** The largest difference, relative to the largest magnitude of {@code expected}; NaN if any value is NaN. */
  static double relative(double[] found, double[] expected) {
    if (found.length != expected.length) {
      throw new IllegalArgumentException(found.length + " values, expected " + expected.length);
    }
    double error = 0;
    double magnitude = 0;
    for (int i = 0; i < found.length; i++) {
      error = Math.max(error, Math.abs(found[i] - expected[i]));
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
    }
    return magnitude == 0 ? error : error / magnitude;
  }
}
