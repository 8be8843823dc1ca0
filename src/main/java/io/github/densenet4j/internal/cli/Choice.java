package io.github.densenet4j.internal.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Takes the constants of an enum by their labels.
 *
 * @param labels the label of each constant
 */
record Choice<E extends Enum<E>>(Class<E> type, Function<E, String> labels) implements ITypeConverter<E> {
  /** By their names in small letters. */
  Choice(Class<E> type) {
    this(type, Choice::label);
  }

  @Override
  public E convert(String value) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> labels.apply(constant).equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'" + value + "' is not one of "
                        + Arrays.stream(type.getEnumConstants()).map(labels).collect(Collectors.joining(", "))));
  }

  static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
