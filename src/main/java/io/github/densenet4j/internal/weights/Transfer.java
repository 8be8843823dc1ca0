package io.github.densenet4j.internal.weights;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Makes a network of weights that others trained: every tensor must be there and fit, but for the classifier, which is
 * new if the file's is of other classes, and the first convolution, whose input channels are added up for grey images.
 */
public final class Transfer {
  private static final int NAMED = 5;

  private final Path file;
  private final NamedWeights weights;
  private final DenseNetConfig config;
  private final Parameters parameters;
  private final NetworkState network;
  private final List<String> notes = new ArrayList<>();
  private boolean newClassifier;

  /**
   * What came of it.
   *
   * @param newClassifier whether the classifier has initial weights
   * @param notes sentences, without a full stop, about what is not just as in the file
   */
  public record Result(NetworkState network, boolean newClassifier, List<String> notes) {}

  private Transfer(Path file, NamedWeights weights, DenseNetConfig config, long seed) {
    this.file = file;
    this.weights = weights;
    this.config = config;
    parameters = new Parameters(config);
    network = NetworkState.initial(config, seed);
  }

  /**
   * @param seed of a new classifier
   * @throws CheckpointException if the file cannot be read, or is of another network
   */
  public static Result of(Path file, DenseNetConfig config, long seed) {
    try (var weights = NamedWeights.open(file)) {
      return new Transfer(file, weights, config, seed).result();
    }
  }

  private Result result() {
    newClassifier = weights.classes().orElse(0) != config.classes();
    refuseOtherShapes();
    refuseMissing();
    for (var parameter : parameters.learnable()) {
      if (!isNew(parameter)) {
        copy(values(parameter), network.parameters(), parameter);
      }
    }
    for (var parameter : parameters.running()) {
      copy(checked(values(parameter), parameter), network.running(), parameter);
    }
    noteClassifier();
    noteOthers();
    return new Result(network, newClassifier, List.copyOf(notes));
  }

  private boolean isNew(Parameter parameter) {
    return newClassifier && parameter.name().startsWith(NamedWeights.CLASSIFIER);
  }

  private void refuseOtherShapes() {
    for (var parameter : NamedWeights.all(parameters).toList()) {
      String name = parameter.name();
      var expected = NamedWeights.shape(parameter);
      if (weights.has(name) && !fits(name, weights.shape(name), expected)) {
        throw another(
            "its tensor %s has shape %s, expected %s"
                .formatted(weights.names().get(name), weights.shape(name), expected));
      }
    }
  }

  private boolean fits(String name, List<Long> found, List<Long> expected) {
    boolean first = name.equals(NamedWeights.FIRST);
    boolean adapts = first ? isSummed() : newClassifier && name.startsWith(NamedWeights.CLASSIFIER);
    if (!adapts || found.size() != expected.size()) {
      return found.equals(expected);
    }
    int axis = first ? 1 : 0;
    var adapted = new ArrayList<>(found);
    adapted.set(axis, expected.get(axis));
    return adapted.equals(expected);
  }

  private boolean isSummed() {
    return config.inChannels() == 1 && weights.channels().orElse(0) == 3;
  }

  private void refuseMissing() {
    var missing =
        NamedWeights.all(parameters)
            .filter(parameter -> !isNew(parameter) && !weights.has(parameter.name()))
            .map(Parameter::name)
            .toList();
    if (!missing.isEmpty()) {
      throw another("it lacks " + named(missing));
    }
  }

  private CheckpointException another(String what) {
    String remedy = weights.fitting().map(model -> "they fit " + model).orElse("they fit none of the named models");
    return new CheckpointException(
        "%s has the weights of another network than %s: %s; %s".formatted(file, config.name(), what, remedy));
  }

  private float[] values(Parameter parameter) {
    float[] values = weights.floats(parameter.name());
    return parameter.name().equals(NamedWeights.FIRST) && isSummed() ? summed(values, parameter) : values;
  }

  /** @param values (out, channels, kernel, kernel) */
  private float[] summed(float[] values, Parameter first) {
    int pixels = first.shape().get(2) * first.shape().get(3);
    var sums = new float[first.count()];
    int channels = values.length / sums.length;
    for (int i = 0; i < sums.length; i++) {
      int start = i / pixels * channels * pixels + i % pixels;
      double sum = 0;
      for (int channel = 0; channel < channels; channel++) {
        sum += values[start + channel * pixels];
      }
      sums[i] = (float) sum;
    }
    notes.add(
        "the " + channels + " input channels of the first convolution are added up to one, as the images have one");
    return sums;
  }

  private float[] checked(float[] values, Parameter parameter) {
    if (parameter.kind() == Parameter.Kind.RUNNING_VARIANCE) {
      for (float variance : values) {
        if (variance < 0) {
          throw new CheckpointException(
              "%s cannot be used: tensor %s has the variance %s, expected none below 0"
                  .formatted(file, weights.names().get(parameter.name()), variance));
        }
      }
    }
    return values;
  }

  private static void copy(float[] values, float[] into, Parameter parameter) {
    System.arraycopy(values, 0, into, (int) parameter.offset(), values.length);
  }

  private void noteClassifier() {
    if (newClassifier) {
      int found = weights.classes().orElse(0);
      notes.add(
          "the classifier is new and untrained: " + file + " has "
              + (found == 0 ? "none" : "one of " + found + " classes") + ", the network has " + config.classes());
    }
  }

  private void noteOthers() {
    var known = NamedWeights.all(parameters).map(Parameter::name).collect(Collectors.toCollection(HashSet::new));
    var others =
        weights.names().entrySet().stream()
            .filter(entry -> !known.contains(entry.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    if (!others.isEmpty()) {
      notes.add(file + " has tensors that are not of the network and are left out: " + named(others));
    }
  }

  private static String named(List<String> names) {
    String some = names.stream().limit(NAMED).collect(Collectors.joining(", "));
    return names.size() > NAMED ? some + " and " + (names.size() - NAMED) + " others" : some;
  }
}
