package io.github.densenet4j;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.io.DecodedImage;
import io.github.densenet4j.internal.io.Images;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.training.DataFit;
import io.github.densenet4j.internal.training.Evaluator;
import io.github.densenet4j.internal.training.ImageBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A trained network that evaluates and predicts. It owns memory on its device until {@link #close}; not safe for use by
 * several threads at a time.
 */
public final class DenseNet implements AutoCloseable {
  private final Checkpoint checkpoint;
  private final NetworkSession session;

  private DenseNet(Checkpoint checkpoint, NetworkSession session) {
    this.checkpoint = checkpoint;
    this.session = session;
  }

  /**
   * Loads a checkpoint.
   *
   * @param batch images that are computed at a time
   * @throws CheckpointException if the file is damaged or no checkpoint
   * @throws ConfigurationException if {@code batch} is below 1
   */
  public static DenseNet load(Path file, Device device, int batch) {
    return load(file, device, Lowering.standard(), batch);
  }

  /** As {@link #load(Path, Device, int)}, computed by another strategy than the default. */
  public static DenseNet load(Path file, Device device, Lowering lowering, int batch) {
    var workload = Workload.inference(batch);
    var checkpoint = CheckpointFile.read(file);
    var program = lowering.lower(checkpoint.config(), workload);
    var session = new NetworkSession(device.backend(), program);
    session.setParameters(checkpoint.parameters());
    session.setRunning(checkpoint.running());
    session.setLevels(checkpoint.data().normalization().levels());
    return new DenseNet(checkpoint, session);
  }

  public DenseNetConfig config() {
    return checkpoint.config();
  }

  /** The names of the classes, by label. */
  public List<String> classNames() {
    return checkpoint.data().classNames();
  }

  /** What the checkpoint knows beside the weights. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /**
   * Evaluates on the held-out images of {@code data}, normalised as in training.
   *
   * @throws ConfigurationException if the images do not fit the network
   */
  public Evaluation evaluate(Dataset data) {
    DataFit.check(config(), data);
    return new Evaluator(session).evaluate(data.heldOut());
  }

  /**
   * Classifies image files. An image that is smaller than the network's is centred on black, as 28x28 images are in
   * training; any other is resized.
   *
   * @param top how many classes to return for each, the most probable first
   * @throws DataException if a file is no PNG or JPEG image
   */
  public List<List<Prediction>> predict(List<Path> files, int top) {
    var predictions = new ArrayList<List<Prediction>>();
    for (int first = 0; first < files.size(); first += session.batch()) {
      var part = files.subList(first, Math.min(files.size(), first + session.batch()));
      predictions.addAll(predictBatch(part, top));
    }
    return predictions;
  }

  private List<List<Prediction>> predictBatch(List<Path> files, int top) {
    var images = new ImageBatch(session.batch(), session.imageValues());
    for (int i = 0; i < files.size(); i++) {
      byte[] pixels = fit(Images.read(files.get(i)));
      System.arraycopy(pixels, 0, images.pixels(), i * pixels.length, pixels.length);
    }
    session.load(images.pixels(), images.placement());
    session.infer();
    float[] logits = session.logits();
    return IntStream.range(0, files.size()).mapToObj(i -> best(logits, i * config().classes(), top)).toList();
  }

  private byte[] fit(DecodedImage image) {
    int size = config().imageSize();
    var converted = image.channels() == config().inChannels() ? image : image.toChannels(config().inChannels());
    if (image.height() > size || image.width() > size) {
      return converted.resize(size, size).nhwc();
    }
    var pixels = new byte[size * size * config().inChannels()];
    int row = converted.width() * converted.channels();
    int top = (size - converted.height()) / 2;
    int left = (size - converted.width()) / 2;
    for (int y = 0; y < converted.height(); y++) {
      System.arraycopy(
          converted.nhwc(), y * row, pixels, ((top + y) * size + left) * converted.channels(), row);
    }
    return pixels;
  }

  private List<Prediction> best(float[] logits, int first, int top) {
    int classes = config().classes();
    double largest = IntStream.range(0, classes).mapToDouble(k -> logits[first + k]).max().orElseThrow();
    double sum = IntStream.range(0, classes).mapToDouble(k -> Math.exp(logits[first + k] - largest)).sum();
    return IntStream.range(0, classes)
        .mapToObj(k -> new Prediction(k, classNames().get(k), Math.exp(logits[first + k] - largest) / sum))
        .sorted(Comparator.comparingDouble(Prediction::probability).reversed())
        .limit(top)
        .toList();
  }

  @Override
  public void close() {
    session.close();
  }
}
