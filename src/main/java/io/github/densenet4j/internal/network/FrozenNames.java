package io.github.densenet4j.internal.network;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;

/** Choices of the parameters that training leaves as they are. */
public final class FrozenNames {
  private FrozenNames() {}

  /** Everything but the classifier. */
  public static Predicate<String> allButClassifier() {
    return name -> !name.startsWith("classifier.");
  }

  /**
   * The stem, and the first {@code count} blocks with the transition behind each.
   *
   * @throws ConfigurationException if there are not so many blocks
   */
  public static Predicate<String> blocks(DenseNetConfig config, int count) {
    int blocks = config.blocks().size();
    if (count < 0 || count > blocks) {
      throw new ConfigurationException(
          "number of frozen blocks is " + count + ", it must be at least 0 and at most the " + blocks + " of "
              + config.name(),
          "number of frozen blocks");
    }
    String first = count == blocks ? "features.norm5." : Names.layer(count, 0) + ".";
    var before = new HashSet<String>();
    for (var parameter : new Parameters(config).learnable()) {
      if (parameter.name().startsWith(first)) {
        break;
      }
      before.add(parameter.name());
    }
    return before::contains;
  }

  /** @throws ConfigurationException if no parameter is left to train */
  public static List<String> of(DenseNetConfig config, Predicate<String> names) {
    var learnable = new Parameters(config).learnable();
    var found = learnable.stream().map(Parameter::name).filter(names).toList();
    if (found.size() == learnable.size()) {
      throw new ConfigurationException("all parameters are frozen, at least one must be left to train");
    }
    return found;
  }
}
