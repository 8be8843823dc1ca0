package io.github.densenet4j.internal.program;

import io.github.densenet4j.error.ConfigurationException;
import java.util.List;

/**
 * What a program is to do.
 *
 * @param batch images in a step, at least 1
 * @param training whether it trains; it can evaluate in either case
 * @param momentum of SGD, in [0, 1)
 * @param weightDecay of SGD, on every parameter that is updated, at least 0
 * @param frozen learnable parameters that are not updated, by name
 * @param classifierFactor how many times the learning rate of all others the classifier's is
 * @param kernelsOf the batch whose kernels a device is to take, where those of several would serve: what is computed has
 *     the bits that it has in such a batch
 */
public record Workload(
    int batch,
    boolean training,
    double momentum,
    double weightDecay,
    List<String> frozen,
    double classifierFactor,
    int kernelsOf) {
  /** @throws ConfigurationException if the batch is empty */
  public Workload {
    frozen = List.copyOf(frozen);
    if (batch < 1) {
      throw new ConfigurationException("batch size is " + batch + ", it must be at least 1", "batch size");
    }
  }

  public static Workload training(int batch, double momentum, double weightDecay) {
    return training(batch, momentum, weightDecay, List.of());
  }

  public static Workload training(int batch, double momentum, double weightDecay, List<String> frozen) {
    return new Workload(batch, true, momentum, weightDecay, frozen, 1, batch);
  }

  public static Workload inference(int batch) {
    return inference(batch, batch);
  }

  public static Workload inference(int batch, int kernelsOf) {
    return new Workload(batch, false, 0, 0, List.of(), 1, kernelsOf);
  }

  public Workload withBatch(int batch) {
    return new Workload(batch, training, momentum, weightDecay, frozen, classifierFactor, batch);
  }

  public Workload withClassifierFactor(double classifierFactor) {
    return new Workload(batch, training, momentum, weightDecay, frozen, classifierFactor, kernelsOf);
  }
}
