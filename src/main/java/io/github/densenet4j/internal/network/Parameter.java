package io.github.densenet4j.internal.network;

import java.util.List;

/**
 * A tensor of the network's state.
 *
 * @param name torchvision's state_dict name
 * @param shape as PyTorch stores it
 * @param offset float32 values from the start of its group (learnable parameters, or running statistics)
 * @param kind tells how it is initialised
 */
public record Parameter(String name, List<Integer> shape, long offset, Kind kind) {
  /** The sorts of tensors of a DenseNet. */
  public enum Kind {
    CONVOLUTION,
    GAMMA,
    BETA,
    LINEAR_WEIGHT,
    LINEAR_BIAS,
    RUNNING_MEAN,
    RUNNING_VARIANCE
  }

  public int count() {
    return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
  }
}
