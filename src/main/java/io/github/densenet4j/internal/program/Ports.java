package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Category;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers of a program that the outside reads and writes; they last.
 *
 * @param pixels (batch, size, size, channels), uint8: images as a data set has them
 * @param placement (batch, {@link #PLACEMENT}), int32, of each image: dy, dx, and 1 if it is flipped from left to
 *     right, else 0. Pixel (r, c) of the input is pixel (r + dy, c + dx) of the flipped image, or 0 where there is none
 * @param levels (channels, {@link #LEVELS}), float32: what each level of a channel is after normalisation
 * @param images (batch, size, size, channels), float32, normalised: the network's input, made of the three before or
 *     given as it is
 * @param labels (batch), int32, in [0, classes)
 * @param control learning rate (float64), step (int64), seed (int64), and the classifier's learning rate (float64)
 * @param logits (batch, classes), float32
 * @param loss mean cross entropy of the batch, float64; null if the program does not train
 * @param correct images classified right, int64; null if the program does not train
 * @param parameters learnable values, float32, as {@link Parameters} lays them out
 * @param running running statistics, float32, likewise
 * @param gradients like {@code parameters}, without those of the frozen prefix; null if the program does not train
 * @param velocity like {@code gradients}; null if the program does not train
 */
public record Ports(
    Buffer pixels,
    Buffer placement,
    Buffer levels,
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
  /** Values of 8 bytes in {@code control}. */
  public static final int CONTROLS = 4;

  /** Values that place an image. */
  public static final int PLACEMENT = 3;

  /** Values of a byte. */
  public static final int LEVELS = 256;

  private static final String CLASSIFIER = "classifier.weight";

  private static final int MOST = Integer.MAX_VALUE - 8; // they travel in one Java array

  /** @throws ConfigurationException if the images or logits of a step are more than a Java array holds */
  static Ports of(DenseNetConfig config, Parameters parameters, Workload workload, FrozenPrefix frozen) {
    long batch = workload.batch();
    long image = (long) config.imageSize() * config.imageSize() * config.inChannels();
    requireArray(workload, "values of images", batch * image);
    requireArray(workload, "logits", batch * config.classes());
    long learnable = parameters.learnableCount() * Float.BYTES;
    long trained = learnable - frozen.values() * Float.BYTES;
    boolean training = workload.training();
    return new Ports(
        lasting("pixels", Category.STAGING, batch * image),
        lasting("placement", Category.STAGING, batch * PLACEMENT * Integer.BYTES),
        lasting("levels", Category.STAGING, (long) config.inChannels() * LEVELS * Float.BYTES),
        lasting("images", Category.STAGING, batch * image * Float.BYTES),
        lasting("labels", Category.STAGING, batch * Integer.BYTES),
        lasting("control", Category.STAGING, CONTROLS * Long.BYTES),
        lasting("logits", Category.STAGING, batch * config.classes() * Float.BYTES),
        training ? lasting("loss", Category.STAGING, Double.BYTES) : null,
        training ? lasting("correct", Category.STAGING, Long.BYTES) : null,
        lasting("parameters", Category.PARAMETERS, learnable),
        lasting("running statistics", Category.PARAMETERS, parameters.runningCount() * Float.BYTES),
        training ? lasting("gradients", Category.GRADIENTS, trained) : null,
        training ? lasting("velocity", Category.OPTIMIZER, trained) : null);
  }

  /** Makes the images of bytes. */
  Op input(DenseNetConfig config, Workload workload) {
    return new PlainOp.InputNormalize(
        images.view(), pixels.view(), placement.view(), levels.view(), workload.batch(), config.imageSize(),
        config.inChannels());
  }

  /**
   * The optimizer's step on all parameters at once; on each range between those that are frozen, and on the classifier
   * by itself if it has a learning rate of its own.
   *
   * @throws ConfigurationException if none is left
   */
  List<Op> updates(Workload workload, Parameters parameters, FrozenPrefix frozen) {
    var updates = new ArrayList<Op>();
    long end = parameters.learnableCount();
    long classifier = workload.classifierFactor() == 1 ? end : parameters.get(CLASSIFIER).offset();
    long start = 0;
    for (var parameter : parameters.learnable()) {
      long offset = parameter.offset();
      boolean stays = workload.frozen().contains(parameter.name());
      if (stays || offset == classifier) {
        addUpdate(updates, workload, start, offset, frozen.values(), control.view());
        start = stays ? offset + parameter.count() : offset;
      }
    }
    addUpdate(
        updates, workload, start, end, frozen.values(), start < classifier ? control.view() : classifierControl());
    if (updates.isEmpty()) {
      throw new ConfigurationException("all parameters are frozen, at least one must be left to train");
    }
    return updates;
  }

  /** Where the optimizer finds the classifier's learning rate as it finds that of all others in {@code control}. */
  private BufferView classifierControl() {
    return control.view().plusFloats((CONTROLS - 1) * Long.BYTES / Float.BYTES);
  }

  /** Updates the values from {@code start} to before {@code end}, if there are any. */
  private void addUpdate(
      List<Op> updates, Workload workload, long start, long end, long withoutGradients, BufferView rate) {
    if (start < end) {
      updates.add(
          new PlainOp.SgdNesterov(
              parameters.view().plusFloats(start),
              velocity.view().plusFloats(start - withoutGradients),
              gradients.view().plusFloats(start - withoutGradients),
              rate,
              workload.momentum(),
              workload.weightDecay(),
              end - start));
    }
  }

  /** The loss of the logits, its gradient and the images classified right. */
  Op loss(BufferView dlogits, long batch, long classes) {
    return new PlainOp.SoftmaxXent(
        loss.view(), correct.view(), dlogits, logits.view(), labels.view(), batch, classes);
  }

  private static void requireArray(Workload workload, String what, long values) {
    if (values > MOST) {
      throw new ConfigurationException(
          "batch size is " + workload.batch() + ", which makes " + values + " " + what + " a step, at most " + MOST
              + " fit in an array: use a smaller batch",
          "batch size");
    }
  }

  private static Buffer lasting(String name, Category category, long bytes) {
    return new Buffer(name, "", category, bytes, true);
  }
}
