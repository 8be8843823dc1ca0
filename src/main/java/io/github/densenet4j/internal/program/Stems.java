package io.github.densenet4j.internal.program;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** File stems of the operations, from their class names: {@code BnReluConv1x1Fprop} is {@code bnrelu_conv1x1_fprop}. */
final class Stems {
  private static final Map<Class<?>, String> STEMS =
      Op.types().stream().collect(Collectors.toUnmodifiableMap(c -> c, Stems::stem));

  private Stems() {}

  static String of(Class<? extends Op> op) {
    return STEMS.get(op);
  }

  private static String stem(Class<?> op) {
    return words(op.getSimpleName().replace("BnRelu", "Bnrelu"));
  }

  /** As it is written in native code: {@code inChannels} is {@code in_channels}. */
  static String words(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
