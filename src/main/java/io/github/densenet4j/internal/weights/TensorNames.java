package io.github.densenet4j.internal.weights;

import java.util.List;
import java.util.regex.Pattern;

/**
 * torchvision's names of a DenseNet's tensors from the names that others give them. A name that is none of a DenseNet
 * stays what it is.
 */
final class TensorNames {
  /** What wraps a network and puts its own name before: DataParallel, a compiled module, a class with one in a field. */
  private static final Pattern WRAPPERS = Pattern.compile("^(?:(?:module|_orig_mod|model|net|densenet\\d*)\\.)+");

  private static final Pattern PLAIN_LAYER = Pattern.compile("^block(\\d+)\\.layer\\.(\\d{1,6})\\.(bn|conv)(\\d)\\.");

  private record Rule(Pattern from, String to) {
    Rule(String from, String to) {
      this(Pattern.compile(from), to);
    }

    String apply(String name) {
      return from.matcher(name).replaceFirst(to);
    }
  }

  private static final List<Rule> RULES =
      List.of(
          new Rule("(denselayer\\d+\\.(?:norm|conv))\\.([12]\\.)", "$1$2"), // torchvision's of before 0.3
          new Rule("(denselayer\\d+)\\.layers\\.", "$1."), // MONAI's
          new Rule("^class_layers\\.out\\.", "classifier."),
          new Rule("^classifier\\.\\d+\\.", "classifier."), // of a head with dropout or a sigmoid
          new Rule("^trans(\\d+)\\.bn1\\.", "features.transition$1.norm."), // densenet-pytorch's, from here on
          new Rule("^trans(\\d+)\\.conv1\\.", "features.transition$1.conv."),
          new Rule("^conv1\\.", "features.conv0."),
          new Rule("^bn1\\.", "features.norm5."),
          new Rule("^fc\\.", "classifier."));

  private TensorNames() {}

  static String torchvision(String name) {
    String bare = plainLayer(WRAPPERS.matcher(name).replaceFirst(""));
    for (var rule : RULES) {
      bare = rule.apply(bare);
    }
    return bare;
  }

  /** densenet-pytorch's, which counts layers from 0. */
  private static String plainLayer(String name) {
    return PLAIN_LAYER
        .matcher(name)
        .replaceFirst(
            found -> "features.denseblock%s.denselayer%d.%s%s.".formatted(
                found.group(1), Integer.parseInt(found.group(2)) + 1,
                found.group(3).equals("bn") ? "norm" : "conv", found.group(4)));
  }
}
