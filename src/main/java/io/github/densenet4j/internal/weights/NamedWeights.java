package io.github.densenet4j.internal.weights;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Wording;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** The tensors of a file under torchvision's names, with what they say of the network that they are of. */
public final class NamedWeights implements AutoCloseable {
  static final String FIRST = "features.conv0.weight";
  static final String CLASSIFIER = "classifier.";

  private static final String BATCHES = ".num_batches_tracked";

  private final Path path;
  private final WeightFile file;
  private final SequencedMap<String, String> names = new LinkedHashMap<>();

  private NamedWeights(Path path, WeightFile file) {
    this.path = path;
    this.file = file;
  }

  /** @throws CheckpointException if the file has no weights of a DenseNet */
  public static NamedWeights open(Path path) {
    var weights = new NamedWeights(path, WeightFile.open(path));
    try {
      weights.file.shapes().keySet().stream().filter(name -> !name.endsWith(BATCHES)).forEach(weights::add);
      weights.refuseOtherStems();
      return weights;
    } catch (RuntimeException | Error failure) {
      weights.close();
      throw failure;
    }
  }

  private void add(String name) {
    String other = names.put(TensorNames.torchvision(name), name);
    if (other != null) {
      throw new CheckpointException(
          "%s has two tensors for one place of a DenseNet: %s and %s"
              .formatted(path, Wording.quoted(other), Wording.quoted(name)));
    }
  }

  private void refuseOtherStems() {
    if (!has(FIRST)) {
      throw new CheckpointException(
          path + " has no weights of a DenseNet: it has no tensor " + FIRST + " among its " + names.size()
              + (names.isEmpty() ? "" : ", but such as " + Wording.quoted(names.firstEntry().getValue())));
    }
    if (has("features.conv1.weight") || has("features.conv2.weight")) {
      throw new CheckpointException(
          path + " is of a DenseNet with a deep stem, as timm's densenet121d and densenetblur121d: three convolutions in "
              + "the place of the first one, which is not supported; use weights of densenet121 or another of one");
    }
  }

  boolean has(String name) {
    return names.containsKey(name);
  }

  SequencedMap<String, String> names() {
    return names;
  }

  List<Long> shape(String name) {
    return file.shapes().get(names.get(name));
  }

  /** Checked to be finite. */
  float[] floats(String name) {
    float[] values = file.floats(names.get(name));
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new CheckpointException(
            path + " cannot be used: tensor " + names.get(name) + " has a value that is " + value
                + ", expected finite ones");
      }
    }
    return values;
  }

  /** The classes of its classifier; empty if it has none. */
  public OptionalInt classes() {
    return has(CLASSIFIER + "weight") ? extent(CLASSIFIER + "weight", 0) : OptionalInt.empty();
  }

  /** The channels of its images. */
  public OptionalInt channels() {
    return extent(FIRST, 1);
  }

  private OptionalInt extent(String name, int axis) {
    var shape = shape(name);
    return shape.size() > axis && shape.get(axis) <= Integer.MAX_VALUE
        ? OptionalInt.of(shape.get(axis).intValue())
        : OptionalInt.empty();
  }

  /** The named model whose tensors these are, whatever its images and classes. */
  Optional<String> fitting() {
    return DenseNetConfig.names().stream().filter(this::fits).findFirst();
  }

  private boolean fits(String model) {
    var named = DenseNetConfig.named(model);
    try {
      var config =
          named.forImages(
              channels().orElse(named.inChannels()), named.imageSize(), classes().orElse(named.classes()));
      return all(new Parameters(config))
          .filter(parameter -> classes().isPresent() || !parameter.name().startsWith(CLASSIFIER))
          .allMatch(parameter -> has(parameter.name()) && shape(parameter.name()).equals(shape(parameter)));
    } catch (ConfigurationException impossible) {
      return false; // so many channels or classes are in no network
    }
  }

  static Stream<Parameter> all(Parameters parameters) {
    return Stream.concat(parameters.learnable().stream(), parameters.running().stream());
  }

  static List<Long> shape(Parameter parameter) {
    return parameter.shape().stream().map(Integer::longValue).toList();
  }

  @Override
  public void close() {
    file.close();
  }
}
