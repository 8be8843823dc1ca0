package io.github.densenet4j.config;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The networks of the paper by name: CIFAR models as {@code [bc|dense]-depth-growthRate} for 32x32 RGB images and 10
 * classes, ImageNet models as {@code densenetDEPTH} for 224x224 RGB images and 1000 classes.
 */
final class NamedModels {
  private static final Map<String, DenseNetConfig> MODELS = models();

  private NamedModels() {}

  private static Map<String, DenseNetConfig> models() {
    var models = new LinkedHashMap<String, DenseNetConfig>();
    for (int[] m : new int[][] {{40, 12}, {100, 12}, {250, 24}, {190, 40}}) {
      add(models, cifarBc("bc-" + m[0] + "-" + m[1], m[0], m[1]));
    }
    for (int[] m : new int[][] {{40, 12}, {100, 12}, {100, 24}}) {
      add(models, cifarBasic("dense-" + m[0] + "-" + m[1], m[0], m[1]));
    }
    add(models, imageNet("densenet121", 32, 64, List.of(6, 12, 24, 16)));
    add(models, imageNet("densenet161", 48, 96, List.of(6, 12, 36, 24)));
    add(models, imageNet("densenet169", 32, 64, List.of(6, 12, 32, 32)));
    add(models, imageNet("densenet201", 32, 64, List.of(6, 12, 48, 32)));
    add(models, imageNet("densenet264", 32, 64, List.of(6, 12, 64, 48)));
    return models;
  }

  private static void add(Map<String, DenseNetConfig> models, DenseNetConfig config) {
    models.put(config.name(), config);
  }

  /** DenseNet-BC: L = 6n + 4, 2k init features, compression 0.5. */
  private static DenseNetConfig cifarBc(String name, int depth, int growthRate) {
    int n = (depth - 4) / 6;
    return new DenseNetConfig(
        name, growthRate, List.of(n, n, n), 2 * growthRate, 4, 0.5, 0, Stem.CIFAR, 3, 32, 10);
  }

  /** The basic DenseNet: L = 3n + 4, 16 init features. */
  private static DenseNetConfig cifarBasic(String name, int depth, int growthRate) {
    int n = (depth - 4) / 3;
    return new DenseNetConfig(name, growthRate, List.of(n, n, n), 16, 0, 1, 0, Stem.CIFAR, 3, 32, 10);
  }

  private static DenseNetConfig imageNet(String name, int growthRate, int initFeatures, List<Integer> blocks) {
    return new DenseNetConfig(name, growthRate, blocks, initFeatures, 4, 0.5, 0, Stem.IMAGENET, 3, 224, 1000);
  }

  static Set<String> names() {
    return Collections.unmodifiableSet(MODELS.keySet());
  }

  /** @throws ConfigurationException if there is no such model; the message lists those there are */
  static DenseNetConfig get(String name) {
    var config = MODELS.get(name);
    if (config == null) {
      throw new ConfigurationException(
          "model " + name + " is not known: choose one of " + String.join(", ", MODELS.keySet())
              + ", or describe one by its growth rate and block config",
          "growth rate", "block config");
    }
    return config;
  }
}
