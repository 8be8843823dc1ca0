package io.github.densenet4j;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.io.DecodedImage;
import io.github.densenet4j.internal.io.Images;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.training.ByteBatch;
import io.github.densenet4j.internal.training.DataFit;
import io.github.densenet4j.internal.training.Evaluator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A network on a device, ready to predict. */
public final class Predictor implements AutoCloseable {
  private final DenseNet network;
  private final NetworkSession session;

  Predictor(DenseNet network, Device device, PredictorOptions options) {
    this.network = network;
    var lowering = Lowerings.of(options.strategy(), MemoryLevel.DEFAULT, options.precision());
    var program = lowering.lower(network.config(), Workload.inference(options.batch()));
    session = new NetworkSession(device.backend(), program);
    session.setParameters(network.state().parameters());
    session.setRunning(network.state().running());
    session.setLevels(network.state().data().normalization().levels());
  }

  /** Evaluates on the held-out images of {@code data}, normalised as in training. */
  public synchronized Evaluation evaluate(Dataset data) {
    DataFit.check(network.config(), data);
    var heldOut = data.heldOut().orElseThrow(() -> new DataException(data.name() + " has no held-out images"));
    return new Evaluator(session, network.state().data().normalization()).evaluate(heldOut);
  }

  /** Classifies image files. */
  public synchronized List<Prediction> predict(List<Path> files) {
    var predictions = new ArrayList<Prediction>();
    for (int first = 0; first < files.size(); first += session.batch()) {
      var part = files.subList(first, Math.min(files.size(), first + session.batch()));
      predictions.addAll(predictBatch(part));
    }
    return predictions;
  }

  private List<Prediction> predictBatch(List<Path> files) {
    var images = new ByteBatch(session.batch(), session.imageValues());
    for (int i = 0; i < files.size(); i++) {
      byte[] pixels = fit(Images.read(files.get(i)));
      System.arraycopy(pixels, 0, images.pixels(), i * pixels.length, pixels.length);
    }
    session.load(images.pixels(), images.placement());
    session.infer();
    float[] logits = session.logits();
    return IntStream.range(0, files.size())
        .mapToObj(i -> Prediction.of(logits, i * network.config().classes(), network.classNames()))
        .toList();
  }

  private byte[] fit(DecodedImage image) {
    DenseNetConfig config = network.config();
    int size = config.imageSize();
    var converted = image.channels() == config.inChannels() ? image : image.toChannels(config.inChannels());
    if (image.height() > size || image.width() > size) {
      return converted.resize(size, size).nhwc();
    }
    var pixels = new byte[size * size * config.inChannels()];
    int row = converted.width() * converted.channels();
    int top = (size - converted.height()) / 2;
    int left = (size - converted.width()) / 2;
    for (int y = 0; y < converted.height(); y++) {
      System.arraycopy(
          converted.nhwc(), y * row, pixels, ((top + y) * size + left) * converted.channels(), row);
    }
    return pixels;
  }

  @Override
  public synchronized void close() {
    session.close();
  }
}
