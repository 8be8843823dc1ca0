package io.github.densenet4j;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Normalization;
import io.github.densenet4j.internal.io.DecodedImage;
import io.github.densenet4j.internal.io.Images;
import io.github.densenet4j.internal.picture.Geometry;
import io.github.densenet4j.internal.picture.Kernel;
import io.github.densenet4j.internal.picture.Picture;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.training.DataFit;
import io.github.densenet4j.internal.training.Evaluator;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A network on a device, ready to predict. Any number of threads may use one: images that come while others are computed
 * are gathered and computed together, by the threads that brought them. An answer has the same bits however it was
 * gathered.
 *
 * <p>An image is a PNG or JPEG file, its bytes, a {@link BufferedImage}, or values. A network that has a {@link
 * DenseNet#preprocessing} prepares images so. For any other, one that is smaller than the network's images is centred on
 * black, as 28x28 images are in training; a larger one is resized; colour becomes grey or the other way round as the
 * network needs it.
 *
 * <p>On a GPU that takes the kernels of a batch for a single image, too: with a batch of 1 one is answered sooner.
 *
 * <p>Until {@link #close} it holds memory on its device: the plans for one image and for a batch, each with the weights
 * ({@link MemoryPlan#ofInference}; on a GPU at most one bottleneck more for one image, and for strategies other than
 * {@code fused} the batch's alone). One that was forgotten is given back some time after it became garbage.
 *
 * @since 0.1
 */
public final class Predictor implements AutoCloseable {
  private final DenseNet network;
  private final Normalization normalization;
  private final ComputeQueue queue;
  private final int batch;
  private final OptionalInt readers;

  Predictor(DenseNet network, Device device, PredictorOptions options) {
    this.network = network;
    this.normalization = network.state().data().normalization();
    this.batch = options.batch();
    this.readers = options.readers();
    queue = new ComputeQueue(sessions(device, options));
  }

  private SessionPair sessions(Device device, PredictorOptions options) {
    var ofBatch = Workload.inference(batch);
    return device.backend().keepsBitsInBatches(options.strategy())
        ? SessionPair.of(
            () -> session(device, options, ofBatch), () -> session(device, options, Workload.inference(1, batch)))
        : SessionPair.ofOne(session(device, options, ofBatch));
  }

  private NetworkSession session(Device device, PredictorOptions options, Workload workload) {
    var lowering = Lowerings.of(options.strategy(), MemoryLevel.DEFAULT, options.precision());
    var program = lowering.lower(network.config(), workload);
    var session = new NetworkSession(device.backend(), program);
    try {
      session.setParameters(network.state().parameters());
      session.setRunning(network.state().running());
      session.setLevels(normalization.levels());
      return session;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  /**
   * Classifies an image file.
   *
   * @param file PNG or JPEG
   * @return what the network makes of it
   * @throws DataException if it is no sound PNG or JPEG image; names the file
   * @throws ConfigurationException if the network was trained on other values than bytes: give values then
   * @throws IllegalStateException if this is closed
   */
  public Prediction predict(Path file) {
    return predict(List.of(Objects.requireNonNull(file, "file"))).getFirst();
  }

  /**
   * Classifies image files, in batches.
   *
   * @param files PNG or JPEG
   * @return one for each file, in order
   * @throws DataException if one is no sound PNG or JPEG image; names the file
   * @throws IllegalStateException if this is closed
   */
  public List<Prediction> predict(List<Path> files) {
    var all = List.copyOf(Objects.requireNonNull(files, "files"));
    return inParts(all.size(), i -> fitted(Images.read(all.get(i), upright())), false).stream().map(this::prediction).toList();
  }

  /**
   * Classifies an image.
   *
   * @param image grey or RGB, of any size
   * @return what the network makes of it
   * @throws IllegalStateException if this is closed
   */
  public Prediction predict(BufferedImage image) {
    Objects.requireNonNull(image, "image");
    return prediction(one(_ -> fitted(Images.of(image)), false));
  }

  /**
   * Classifies an image.
   *
   * @param encoded the bytes of a PNG or JPEG file
   * @return what the network makes of it
   * @throws DataException if they are no sound PNG or JPEG image
   * @throws IllegalStateException if this is closed
   */
  public Prediction predict(byte[] encoded) {
    Objects.requireNonNull(encoded, "encoded");
    return prediction(one(_ -> fitted(Images.decode(encoded, upright())), false));
  }

  /**
   * Classifies images given as values in the unit of the training images: 0 to 255 if these were bytes.
   *
   * @param nhwc (count, size, size, channels) of the network's images, not normalised
   * @param count of images
   * @return one for each image, in order
   * @throws DataException if the length is not that of {@code count} images, or a value is not finite
   * @throws IllegalStateException if this is closed
   */
  public List<Prediction> predict(float[] nhwc, int count) {
    return values(nhwc, count, false).stream().map(this::prediction).toList();
  }

  /**
   * Computes an image file's features: what the classifier reads, the averages of the last block's normalised and
   * rectified feature maps.
   *
   * @param file PNG or JPEG
   * @return (final channels)
   * @throws DataException if it is no sound PNG or JPEG image; names the file
   * @throws IllegalStateException if this is closed
   */
  public float[] features(Path file) {
    Objects.requireNonNull(file, "file");
    return one(_ -> fitted(Images.read(file, upright())), true).features();
  }

  /**
   * Computes an image's features, as {@link #features(Path)} does.
   *
   * @param image grey or RGB, of any size
   * @return (final channels)
   * @throws IllegalStateException if this is closed
   */
  public float[] features(BufferedImage image) {
    Objects.requireNonNull(image, "image");
    return one(_ -> fitted(Images.of(image)), true).features();
  }

  /**
   * Computes an image's features, as {@link #features(Path)} does.
   *
   * @param encoded the bytes of a PNG or JPEG file
   * @return (final channels)
   * @throws DataException if they are no sound PNG or JPEG image
   * @throws IllegalStateException if this is closed
   */
  public float[] features(byte[] encoded) {
    Objects.requireNonNull(encoded, "encoded");
    return one(_ -> fitted(Images.decode(encoded, upright())), true).features();
  }

  /**
   * Computes the features of images given as values, as {@link #predict(float[], int)} takes them.
   *
   * @param nhwc (count, size, size, channels) of the network's images, not normalised
   * @param count of images
   * @return (count, final channels)
   * @throws DataException if the length is not that of {@code count} images, or a value is not finite
   * @throws IllegalStateException if this is closed
   */
  public float[] features(float[] nhwc, int count) {
    int each = network.config().finalChannels();
    var features = new float[Math.multiplyExact(Math.max(count, 0), each)];
    var jobs = values(nhwc, count, true);
    for (int i = 0; i < count; i++) {
      System.arraycopy(jobs.get(i).features(), 0, features, i * each, each);
    }
    return features;
  }

  /**
   * Evaluates on the held-out images of {@code data}; otherwise as {@link #evaluate(ImageSource)}.
   *
   * @param data of the network's images and classes
   * @return what came of it
   * @throws DataException if it has none
   */
  public Evaluation evaluate(Dataset data) {
    var heldOut =
        data.heldOut().orElseThrow(() -> new DataException(data.name() + " has no held-out images to evaluate on"));
    DataFit.check(network.config(), data, heldOut);
    return evaluated(heldOut);
  }

  /**
   * Evaluates on labelled images, normalised as in training. Images of other threads wait meanwhile.
   *
   * @param images of the network's size, in the unit of the training images
   * @return what came of it
   * @throws ConfigurationException if size, channels or labels do not fit the network
   * @throws IllegalStateException if this is closed
   */
  public Evaluation evaluate(ImageSource images) {
    DataFit.check(network.config(), Objects.requireNonNull(images, "images"));
    return evaluated(images);
  }

  private Evaluation evaluated(ImageSource images) {
    try (var _ = queue.enter()) {
      return queue.alone(session -> new Evaluator(session, normalization, readers).evaluate(images));
    }
  }

  private List<InferenceJob> values(float[] nhwc, int count, boolean featured) {
    Objects.requireNonNull(nhwc, "nhwc");
    if (count < 1) {
      throw new DataException("the number of images is " + count + ", it must be at least 1");
    }
    var config = network.config();
    int each = config.imageSize() * config.imageSize() * config.inChannels();
    if (nhwc.length != (long) count * each) {
      throw new DataException(
          "%d values were given for %d images of %dx%dx%d, expected %d"
              .formatted(
                  nhwc.length, count, config.imageSize(), config.imageSize(), config.inChannels(),
                  (long) count * each));
    }
    for (int i = 0; i < nhwc.length; i++) {
      if (!Float.isFinite(nhwc[i])) {
        throw new DataException(
            "value %d of image %d is %s, it must be finite".formatted(i % each, i / each, nhwc[i]));
      }
    }
    return inParts(count, i -> normalised(nhwc, i * each, each), featured);
  }

  private float[] normalised(float[] values, int start, int count) {
    var normalised = new float[count];
    normalization.apply(values, start, normalised, 0, count);
    return normalised;
  }

  private InferenceJob one(Function<Integer, float[]> image, boolean featured) {
    return inParts(1, image, featured).getFirst();
  }

  /** @param image makes the normalised values of an image, a batch ahead of their computation at most */
  private List<InferenceJob> inParts(int count, Function<Integer, float[]> image, boolean featured) {
    var all = new ArrayList<InferenceJob>(count);
    try (var _ = queue.enter()) {
      for (int first = 0; first < count; first += batch) {
        var part =
            IntStream.range(first, Math.min(count, first + batch))
                .mapToObj(i -> new InferenceJob(image.apply(i), featured))
                .toList();
        queue.compute(part);
        all.addAll(part);
      }
    }
    return all;
  }

  private Prediction prediction(InferenceJob job) {
    return Prediction.of(job.logits(), network.classNames());
  }

  private float[] fitted(DecodedImage image) {
    var config = network.config();
    var preprocessing = network.preprocessing();
    if (preprocessing.isEmpty() && network.state().data().pixels() != ImageSource.Pixels.UINT8) {
      throw new ConfigurationException(
          config.name() + " was trained on values that are no bytes, so an image has to be given as such values");
    }
    float[] values =
        preprocessing
            .map(known -> prepared(image, known))
            .orElseGet(() -> Picture.fitted(image.toChannels(config.inChannels()), config.imageSize()))
            .values();
    return normalised(values, 0, values.length);
  }

  private static Picture prepared(DecodedImage image, Preprocessing preprocessing) {
    var kernel = Kernel.valueOf(preprocessing.interpolation().name());
    return new Geometry(preprocessing.size(), preprocessing.resize(), kernel, preprocessing.channels()).apply(image);
  }

  /** Whether images are turned as EXIF says: unless the network was trained on others. */
  private boolean upright() {
    return network.preprocessing().map(Preprocessing::upright).orElse(true);
  }

  /** Waits for the calls that are running; every later one throws IllegalStateException. Again, it does nothing. */
  @Override
  public void close() {
    queue.close();
  }
}
