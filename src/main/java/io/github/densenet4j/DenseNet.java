package io.github.densenet4j;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.checkpoint.Normalization;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.weights.Transfer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A network's weights and running statistics, and what they were trained for: the names of the classes, and the mean and
 * deviation that images are normalised with. Immutable, on the heap, and of no device: any number of threads,
 * predictors and trainings may share one.
 *
 * <p>Source: Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, 2017 (arXiv 1608.06993).
 *
 * @since 0.1
 */
public final class DenseNet {
  private final NetworkState state;
  private final Parameters layout;

  /** @param state not copied */
  DenseNet(NetworkState state) {
    this.state = state;
    this.layout = new Parameters(state.config());
  }

  /**
   * A network made of weights that others trained.
   *
   * @param network with classes named {@code class 0} and so on, and images that are not normalised; see
   *     {@link #withNormalization}
   * @param newClassifier whether the classifier is untrained, because the file has none or one of another number of
   *     classes
   * @param notes sentences for people, without a full stop, about what is not just as in the file: a new classifier,
   *     input channels that were added up, tensors that were left out; usually empty
   */
  public record Pretrained(DenseNet network, boolean newClassifier, List<String> notes) {
    /** Copies the list. */
    public Pretrained {
      notes = List.copyOf(notes);
    }
  }

  /**
   * A network with the paper's initial weights, classes named {@code class 0} and so on, and images that are not
   * normalised.
   *
   * @param config the architecture
   * @param seed gives the weights: equal seeds, equal weights
   * @return the network
   * @throws ConfigurationException if the network has more weights than a Java array holds
   */
  public static DenseNet create(DenseNetConfig config, long seed) {
    return new DenseNet(NetworkState.initial(Objects.requireNonNull(config, "config"), seed));
  }

  /**
   * Reads a checkpoint; the state of its training is left where it is.
   *
   * @param file a checkpoint of any version so far
   * @return the network
   * @throws CheckpointException if the file is damaged, no checkpoint, or has weights that are not finite
   */
  public static DenseNet load(Path file) {
    return new DenseNet(CheckpointFile.readNetwork(Objects.requireNonNull(file, "file")));
  }

  /**
   * Makes a network of weights that others trained, or that a checkpoint has. Reads safetensors files (F32, F16, BF16,
   * F64) and what {@code torch.save} writes, now and before PyTorch 1.6: a state dict, a checkpoint with one in it, or a
   * whole module. Nothing in a file is run: one that asks for a call which no weights need is refused with its name. The
   * names of the tensors may be those of torchvision, timm, MONAI, TorchXRayVision or densenet-pytorch, also behind
   * {@code module.}.
   *
   * <p>Weights of three input channels are added up for a network of one. If the file has another number of classes, the
   * classifier is new, as {@link #create} makes it. Every other tensor must be there and fit.
   *
   * @param file of any of these kinds
   * @param config the architecture
   * @param seed of a new classifier
   * @return the network, and what was done
   * @throws CheckpointException if the file is damaged, refused, of another network, or has weights that are not finite
   */
  public static Pretrained pretrained(Path file, DenseNetConfig config, long seed) {
    Objects.requireNonNull(config, "config");
    var result = Transfer.of(Objects.requireNonNull(file, "file"), config, seed);
    return new Pretrained(new DenseNet(result.network()), result.newClassifier(), result.notes());
  }

  /**
   * The same network for images that are normalised otherwise.
   *
   * @param mean of each channel, in the unit of the images: 0 to 255 for bytes
   * @param deviation of each channel, positive, in that unit
   * @return a network that shares this one's weights
   * @throws ConfigurationException if there is not one of each for every channel
   * @throws io.github.densenet4j.error.DataException if a value is not finite, or a deviation not positive
   */
  public DenseNet withNormalization(List<Double> mean, List<Double> deviation) {
    if (mean.size() != config().inChannels() || deviation.size() != config().inChannels()) {
      throw new ConfigurationException(
          "normalization has %d means and %d deviations, but the images of %s have %d channels"
              .formatted(mean.size(), deviation.size(), config().name(), config().inChannels()),
          "normalization");
    }
    var data = state.data().normalized(new Normalization(mean, deviation));
    return new DenseNet(new NetworkState(config(), data, state.steps(), state.parameters(), state.running()));
  }

  /**
   * Writes a checkpoint that {@link #load} reads: a safetensors file with torchvision's names of the tensors. Replaces
   * {@code file} as a whole or not at all.
   *
   * @param file where to; its folder must exist
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    CheckpointFile.writeNetwork(Objects.requireNonNull(file, "file"), state);
  }

  /** {@return the architecture} */
  public DenseNetConfig config() {
    return state.config();
  }

  /** {@return the names of the classes, by label} */
  public List<String> classNames() {
    return state.data().classNames();
  }

  /** {@return the mean of each channel that images are normalised with, in the unit of the training images} */
  public List<Double> mean() {
    return state.data().normalization().mean();
  }

  /** {@return the standard deviation of each channel that images are normalised with, in that unit} */
  public List<Double> deviation() {
    return state.data().normalization().std();
  }

  /**
   * {@return how image files become images of this network, as they did when it was trained; empty if it was not trained
   * on files}
   */
  public Optional<Preprocessing> preprocessing() {
    return state.data().preprocessing();
  }

  /**
   * The same network for images that are prepared in another way, such as one with weights of others.
   *
   * @param preprocessing of the network's image size and channels
   * @return a network of the same weights
   * @throws ConfigurationException if size or channels differ from the network's
   */
  public DenseNet withPreprocessing(Preprocessing preprocessing) {
    return new DenseNet(state.prepared(preprocessing));
  }

  /** {@return the number of learnable values} */
  public long parameterCount() {
    return layout.learnableCount();
  }

  /** {@return torchvision's names of all tensors, learnable ones first, then running statistics} */
  public List<String> tensorNames() {
    return Stream.concat(layout.learnable().stream(), layout.running().stream()).map(Parameter::name).toList();
  }

  /**
   * {@return the shape of a tensor as PyTorch has it, such as (out, in, height, width) of a convolution}
   *
   * @param name such as {@code features.conv0.weight}
   * @throws ConfigurationException if the network has no such tensor
   */
  public List<Integer> shape(String name) {
    return parameter(name).shape();
  }

  /**
   * {@return a copy of a tensor's values in the order of {@link #shape}}
   *
   * @param name such as {@code classifier.bias} or {@code features.norm5.running_mean}
   * @throws ConfigurationException if the network has no such tensor
   */
  public float[] tensor(String name) {
    var parameter = parameter(name);
    int from = (int) parameter.offset();
    var group = layout.learnable().contains(parameter) ? state.parameters() : state.running();
    return Arrays.copyOfRange(group, from, from + parameter.count());
  }

  private Parameter parameter(String name) {
    Objects.requireNonNull(name, "name");
    return Stream.concat(layout.learnable().stream(), layout.running().stream())
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new ConfigurationException(config().name() + " has no tensor " + name + ": tensorNames() has all"));
  }

  /**
   * Puts the network on a device, ready to predict, with {@link PredictorOptions#DEFAULT}.
   *
   * @param device where to compute; must stay open
   * @return a predictor, to be closed
   * @throws io.github.densenet4j.error.DeviceException if the device has too little memory
   */
  public Predictor predictor(Device device) {
    return predictor(device, PredictorOptions.DEFAULT);
  }

  /**
   * Puts the network on a device, ready to predict.
   *
   * @param device where to compute; must stay open
   * @param options how
   * @return a predictor, to be closed
   * @throws ConfigurationException if the options do not fit the network or each other
   * @throws io.github.densenet4j.error.DeviceException if the device has too little memory
   */
  public Predictor predictor(Device device, PredictorOptions options) {
    return new Predictor(
        this, Objects.requireNonNull(device, "device"), Objects.requireNonNull(options, "options"));
  }

  NetworkState state() {
    return state;
  }

  /** {@return the architecture and the number of parameters, for people} */
  @Override
  public String toString() {
    return "DenseNet[%s, %d parameters]".formatted(config().name(), parameterCount());
  }
}
