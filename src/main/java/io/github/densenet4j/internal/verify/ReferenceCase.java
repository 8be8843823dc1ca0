package io.github.densenet4j.internal.verify;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.SafetensorsFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Three training steps and one evaluation of a DenseNet in float64 PyTorch, as a safetensors file: SGD with learning
 * rate 0.1, Nesterov momentum 0.9 and weight decay 1e-4 on every parameter.
 *
 * <p>Tensors: {@code x} (3, N, C, H, W) and {@code y} (3, N); {@code init.*}, {@code after1.*} and {@code after3.*}, the
 * state under torchvision's names; {@code step0.logits}, {@code step0.loss}, {@code step0.grad.*};
 * {@code eval.logits}, of {@code x[0]} after the steps.
 */
public final class ReferenceCase implements AutoCloseable {
  static final int STEPS = 3;
  static final double LEARNING_RATE = 0.1;
  static final double MOMENTUM = 0.9;
  static final double WEIGHT_DECAY = 1e-4;

  private final SafetensorsFile file;
  private final String name;
  private final DenseNetConfig config;
  private final int batch;

  private ReferenceCase(Path path, SafetensorsFile file) {
    this.file = file;
    Map<String, String> metadata = file.metadata();
    try {
      name = metadata.get("name");
      batch = Integer.parseInt(metadata.get("batch"));
      config =
          new DenseNetConfig(
              name,
              Integer.parseInt(metadata.get("growth_rate")),
              Arrays.stream(metadata.get("block_config").split(",")).map(Integer::valueOf).toList(),
              Integer.parseInt(metadata.get("num_init_features")),
              Integer.parseInt(metadata.get("bn_size")),
              Double.parseDouble(metadata.get("compression")),
              0,
              Stem.valueOf(metadata.get("stem").toUpperCase(Locale.ROOT)),
              Integer.parseInt(metadata.get("in_channels")),
              Integer.parseInt(metadata.get("hw")),
              Integer.parseInt(metadata.get("classes")));
    } catch (ConfigurationException | IllegalArgumentException | NullPointerException e) {
      throw new CheckpointException(
          path + " is not a reference case: its metadata is " + metadata + ", expected name, growth_rate, "
              + "block_config, num_init_features, bn_size, compression, stem, in_channels, hw, batch and classes", e);
    }
  }

  /** @throws CheckpointException if the file is no safetensors file or no reference case */
  public static ReferenceCase open(Path path) {
    var file = SafetensorsFile.open(path);
    try {
      return new ReferenceCase(path, file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  public String name() {
    return name;
  }

  public DenseNetConfig config() {
    return config;
  }

  /** Images in a step. */
  public int batch() {
    return batch;
  }

  /** @throws CheckpointException if there is no such tensor or it has another number of values */
  double[] tensor(String tensor, int count) {
    double[] values = file.doubles(tensor);
    if (values.length != count) {
      throw wrongCount(tensor, values.length, count);
    }
    return values;
  }

  /** The images of one step, (N, H, W, C). */
  float[] images(int step) {
    int size = config.imageSize() * config.imageSize();
    int channels = config.inChannels();
    var images = new float[batch * size * channels];
    double[] all = tensor("x", STEPS * images.length);
    int first = step * images.length;
    for (int n = 0; n < batch; n++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < size; p++) {
          images[(n * size + p) * channels + c] = (float) all[first + (n * channels + c) * size + p];
        }
      }
    }
    return images;
  }

  int[] labels(int step) {
    long[] all = file.longs("y");
    if (all.length != STEPS * batch) {
      throw wrongCount("y", all.length, STEPS * batch);
    }
    return Arrays.stream(all, step * batch, (step + 1) * batch).mapToInt(this::label).toArray();
  }

  private int label(long label) {
    if (label < 0 || label >= config.classes()) {
      throw new CheckpointException(
          "%s: label %d is out of range, expected 0 to %d".formatted(name, label, config.classes() - 1));
    }
    return (int) label;
  }

  private CheckpointException wrongCount(String tensor, int found, int expected) {
    return new CheckpointException(
        "%s: tensor %s has %d values, expected %d".formatted(name, tensor, found, expected));
  }

  @Override
  public void close() {
    file.close();
  }
}
