package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.network.FrozenNames;
import io.github.densenet4j.internal.network.Parameter;
import io.github.densenet4j.internal.network.Parameters;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/** What training leaves as it is. */
final class FreezeOptions {
  private static final String BLOCKS = "blocks=";

  @Option(
      names = "--freeze",
      paramLabel = "PART",
      description = "leave parameters as they are: all-but-classifier, blocks=N (the stem and the first N blocks with "
          + "their transitions), or those whose names have a regular expression in them, such as 'conv0|norm'; what comes "
          + "before the first that is trained has no gradients and is normalised by running statistics")
  private String freeze;

  boolean isGiven() {
    return freeze != null;
  }

  /** Nothing if nothing was said. */
  Predicate<String> frozen(DenseNetConfig config) {
    if (freeze == null) {
      return _ -> false;
    }
    if (freeze.equals("all-but-classifier")) {
      return FrozenNames.allButClassifier();
    }
    return freeze.startsWith(BLOCKS) ? FrozenNames.blocks(config, count()) : matching(config);
  }

  private int count() {
    try {
      return Integer.parseInt(freeze.substring(BLOCKS.length()));
    } catch (NumberFormatException noNumber) {
      throw new ConfigurationException("--freeze is '" + freeze + "', it must be blocks= with a number of blocks");
    }
  }

  private Predicate<String> matching(DenseNetConfig config) {
    try {
      var pattern = Pattern.compile(freeze).asPredicate();
      if (new Parameters(config).learnable().stream().map(Parameter::name).noneMatch(pattern)) {
        throw new ConfigurationException(
            "--freeze is '" + freeze + "', which is in the name of no parameter: names are such as features.conv0.weight");
      }
      return pattern;
    } catch (PatternSyntaxException wrong) {
      throw new ConfigurationException(
          "--freeze is '" + freeze + "', it must be all-but-classifier, blocks=N or a regular expression: "
              + wrong.getDescription());
    }
  }
}
