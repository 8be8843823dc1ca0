package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Op;
import java.util.List;

/** One of the consumers of a tensor x, and a loss behind it: what finite differences are taken of. */
interface Branch {
  /** A learnable tensor and its gradient. */
  record Parameter(Operand value, Operand gradient) {}

  /** The native forward pass. */
  List<Op> forward();

  /** The native backward pass. */
  List<Op> backward(boolean accumulate);

  List<Parameter> parameters();

  /**
   * The loss in double precision.
   *
   * @param x all its channels
   * @param parameters values of {@link #parameters}
   */
  double loss(double[] x, List<double[]> parameters);

  /** How far the loss is from a kink, in units of pre-activations. */
  double margin(double[] x);

  /** The lengths of all sums between the parameters and the loss, together. */
  int roundings();
}
