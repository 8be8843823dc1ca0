package io.github.densenet4j.internal.network;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every tensor of a network's state, in the order of torchvision's state_dict: learnable parameters in one group and
 * running statistics in another, each laid out one after the other from offset 0.
 */
public final class Parameters {
  private static final int MOST = Integer.MAX_VALUE - 8; // they travel in one Java array

  private final Map<String, Parameter> learnable = new LinkedHashMap<>();
  private final Map<String, Parameter> running = new LinkedHashMap<>();
  private final List<String> norms = new ArrayList<>();
  private long learnableCount;
  private long runningCount;

  /** @throws ConfigurationException if there are more than one Java array holds */
  public Parameters(DenseNetConfig config) {
    int kernel = config.stem().kernel();
    convolution("features.conv0", config.initFeatures(), config.inChannels(), kernel);
    if (config.stem() == Stem.IMAGENET) {
      norm("features.norm0", config.initFeatures());
    }
    for (var block : config.blocks()) {
      for (int layer = 0; layer < block.layers(); layer++) {
        denseLayer(config, Names.layer(block.index(), layer), block.inChannels() + layer * config.growthRate());
      }
      if (block.index() < config.blocks().size() - 1) {
        norm(Names.transition(block.index()) + ".norm", block.outChannels());
        int kept = config.blocks().get(block.index() + 1).inChannels();
        convolution(Names.transition(block.index()) + ".conv", kept, block.outChannels(), 1);
      }
    }
    norm("features.norm5", config.finalChannels());
    add("classifier.weight", List.of(config.classes(), config.finalChannels()), Parameter.Kind.LINEAR_WEIGHT);
    add("classifier.bias", List.of(config.classes()), Parameter.Kind.LINEAR_BIAS);
    if (learnableCount > MOST) {
      throw new ConfigurationException(
          "the network has " + learnableCount + " parameters, at most " + MOST + " are supported: use a smaller "
              + "growth rate or fewer layers");
    }
  }

  private void denseLayer(DenseNetConfig config, String name, int channels) {
    norm(name + ".norm1", channels);
    if (config.hasBottleneck()) {
      convolution(name + ".conv1", config.bottleneckChannels(), channels, 1);
      norm(name + ".norm2", config.bottleneckChannels());
      convolution(name + ".conv2", config.growthRate(), config.bottleneckChannels(), 3);
    } else {
      convolution(name + ".conv1", config.growthRate(), channels, 3);
    }
  }

  private void convolution(String name, int out, int in, int kernel) {
    add(name + ".weight", List.of(out, in, kernel, kernel), Parameter.Kind.CONVOLUTION);
  }

  private void norm(String name, int channels) {
    norms.add(name);
    add(name + ".weight", List.of(channels), Parameter.Kind.GAMMA);
    add(name + ".bias", List.of(channels), Parameter.Kind.BETA);
    add(name + ".running_mean", List.of(channels), Parameter.Kind.RUNNING_MEAN);
    add(name + ".running_var", List.of(channels), Parameter.Kind.RUNNING_VARIANCE);
  }

  private void add(String name, List<Integer> shape, Parameter.Kind kind) {
    if (kind == Parameter.Kind.RUNNING_MEAN || kind == Parameter.Kind.RUNNING_VARIANCE) {
      var parameter = new Parameter(name, shape, runningCount, kind);
      running.put(name, parameter);
      runningCount += values(shape);
    } else {
      var parameter = new Parameter(name, shape, learnableCount, kind);
      learnable.put(name, parameter);
      learnableCount += values(shape);
    }
  }

  private static long values(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /** Learnable parameters in order. */
  public List<Parameter> learnable() {
    return List.copyOf(learnable.values());
  }

  /** Running means and variances in order. */
  public List<Parameter> running() {
    return List.copyOf(running.values());
  }

  /** The batch normalisations, such as {@code features.norm5}; each counts its batches in {@code num_batches_tracked}. */
  public List<String> norms() {
    return List.copyOf(norms);
  }

  /** Number of learnable values. */
  public long learnableCount() {
    return learnableCount;
  }

  /** Number of running statistics. */
  public long runningCount() {
    return runningCount;
  }

  /** @throws IllegalArgumentException if the network has no such tensor */
  public Parameter get(String name) {
    var parameter = learnable.getOrDefault(name, running.get(name));
    if (parameter == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return parameter;
  }
}
