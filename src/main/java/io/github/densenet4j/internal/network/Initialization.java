package io.github.densenet4j.internal.network;

import io.github.densenet4j.internal.random.SplitMix64;
import java.util.Arrays;
import java.util.List;

/**
 * The paper's initialisation: convolutions from N(0, sqrt(2 / (kernel² * out))), gamma 1, beta 0, linear weights uniform
 * in ±1 / sqrt(in), linear bias 0. Each tensor draws from a stream of its own, given by the seed and its place, so the
 * values do not depend on anything else.
 */
public final class Initialization {
  private final long seed;

  public Initialization(long seed) {
    this.seed = seed;
  }

  /** The values of {@code parameter}, the {@code index}-th learnable one. */
  private float[] values(Parameter parameter, int index) {
    var random = new SplitMix64(SplitMix64.key(seed, index));
    var values = new float[parameter.count()];
    List<Integer> shape = parameter.shape();
    switch (parameter.kind()) {
      case CONVOLUTION -> {
        double deviation = Math.sqrt(2.0 / ((double) shape.get(0) * shape.get(2) * shape.get(3)));
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (deviation * random.nextGaussian());
        }
      }
      case LINEAR_WEIGHT -> {
        double bound = 1 / Math.sqrt(shape.get(1));
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
      }
      case GAMMA, RUNNING_VARIANCE -> Arrays.fill(values, 1);
      case BETA, LINEAR_BIAS, RUNNING_MEAN -> {}
    }
    return values;
  }

  /** All learnable values, in the order of {@link Parameters#learnable()}. */
  public float[] learnable(Parameters parameters) {
    return concatenate(parameters.learnable(), parameters.learnableCount());
  }

  /** Running means 0 and variances 1, in the order of {@link Parameters#running()}. */
  public float[] running(Parameters parameters) {
    return concatenate(parameters.running(), parameters.runningCount());
  }

  private float[] concatenate(List<Parameter> parameters, long count) {
    var all = new float[Math.toIntExact(count)];
    for (int i = 0; i < parameters.size(); i++) {
      var parameter = parameters.get(i);
      System.arraycopy(values(parameter, i), 0, all, (int) parameter.offset(), parameter.count());
    }
    return all;
  }
}
