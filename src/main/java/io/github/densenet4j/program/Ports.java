package io.github.densenet4j.program;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.Parameters;
import io.github.densenet4j.tensor.Buffer;
import io.github.densenet4j.tensor.BufferView;
import io.github.densenet4j.tensor.Category;

/**
 * The buffers of a program that the outside reads and writes; they last.
 *
 * @param images (batch, size, size, channels), float32, normalised
 * @param labels (batch), int32, in [0, classes)
 * @param control learning rate (float64), step (int64), seed (int64)
 * @param logits (batch, classes), float32
 * @param loss mean cross entropy of the batch, float64; null if the program does not train
 * @param correct images classified right, int64; null if the program does not train
 * @param parameters learnable values, float32, as {@link Parameters} lays them out
 * @param running running statistics, float32, likewise
 * @param gradients like {@code parameters}; null if the program does not train
 * @param velocity like {@code parameters}; null if the program does not train
 */
public record Ports(
    Buffer images,
    Buffer labels,
    Buffer control,
    Buffer logits,
    Buffer loss,
    Buffer correct,
    Buffer parameters,
    Buffer running,
    Buffer gradients,
    Buffer velocity) {
  private static final int MOST = Integer.MAX_VALUE - 8; // they travel in one Java array

  /** @throws ConfigurationException if the images or logits of a step are more than a Java array holds */
  static Ports of(DenseNetConfig config, Parameters parameters, Workload workload) {
    long batch = workload.batch();
    long image = (long) config.imageSize() * config.imageSize() * config.inChannels();
    requireArray(workload, "values of images", batch * image);
    requireArray(workload, "logits", batch * config.classes());
    long learnable = parameters.learnableCount() * Float.BYTES;
    boolean training = workload.training();
    return new Ports(
        lasting("images", Category.STAGING, batch * image * Float.BYTES),
        lasting("labels", Category.STAGING, batch * Integer.BYTES),
        lasting("control", Category.STAGING, 3 * Long.BYTES),
        lasting("logits", Category.STAGING, batch * config.classes() * Float.BYTES),
        training ? lasting("loss", Category.STAGING, Double.BYTES) : null,
        training ? lasting("correct", Category.STAGING, Long.BYTES) : null,
        lasting("parameters", Category.PARAMETERS, learnable),
        lasting("running statistics", Category.PARAMETERS, parameters.runningCount() * Float.BYTES),
        training ? lasting("gradients", Category.GRADIENTS, learnable) : null,
        training ? lasting("velocity", Category.OPTIMIZER, learnable) : null);
  }

  /** The optimizer's step on all parameters at once. */
  Op update(Workload workload, Parameters parameters) {
    return new PlainOp.SgdNesterov(
        this.parameters.view(),
        velocity.view(),
        gradients.view(),
        control.view(),
        workload.momentum(),
        workload.weightDecay(),
        parameters.learnableCount());
  }

  /** The loss of the logits, its gradient and the images classified right. */
  Op loss(BufferView dlogits, long batch, long classes) {
    return new PlainOp.SoftmaxXent(
        loss.view(), correct.view(), dlogits, logits.view(), labels.view(), batch, classes);
  }

  private static void requireArray(Workload workload, String what, long values) {
    if (values > MOST) {
      throw new ConfigurationException(
          "--batch-size is " + workload.batch() + ", which makes " + values + " " + what + " a step, at most " + MOST
              + " fit in an array: use a smaller batch");
    }
  }

  private static Buffer lasting(String name, Category category, long bytes) {
    return new Buffer(name, "", category, bytes, true);
  }
}
