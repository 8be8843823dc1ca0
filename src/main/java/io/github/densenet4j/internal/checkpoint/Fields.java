package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.DensenetException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The fields of a JSON object from a file that anybody may have written: each is there and of its kind, or a sentence
 * says which is not.
 *
 * @param file for messages
 * @param part what the object describes, for messages
 */
record Fields(Map<String, Object> object, String file, String part) {
  private static final int LONGEST_QUOTE = 60;

  /** Makes what the fields describe; what is wrong with it as a whole becomes an error of the file. */
  <T> T make(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (CheckpointException known) {
      throw known;
    } catch (DensenetException refused) {
      throw failure("wrong: " + refused.getMessage()); // not as the cause, whose fields are options of a command
    }
  }

  boolean has(String key) {
    return object.containsKey(key);
  }

  int integer(String key) {
    long value = wholeNumber(key);
    if (value != (int) value) {
      throw wrong(key, value, "a smaller number");
    }
    return (int) value;
  }

  long wholeNumber(String key) {
    return as(Long.class, key, get(key), "a whole number");
  }

  double number(String key) {
    return as(Number.class, key, get(key), "a number").doubleValue();
  }

  String text(String key) {
    return as(String.class, key, get(key), "a text");
  }

  <E extends Enum<E>> E choice(String key, Class<E> kind) {
    String name = text(key);
    for (E value : kind.getEnumConstants()) {
      if (value.name().equals(name.toUpperCase(Locale.ROOT))) {
        return value;
      }
    }
    throw wrong(key, name, "a known name");
  }

  List<Integer> integers(String key) {
    return list(key, "whole numbers", value -> value instanceof Long number && number == number.intValue()
        ? Integer.valueOf(number.intValue())
        : null);
  }

  List<Double> numbers(String key) {
    return list(key, "numbers", value -> value instanceof Number number ? Double.valueOf(number.doubleValue()) : null);
  }

  List<String> texts(String key) {
    return list(key, "texts", value -> value instanceof String text ? text : null);
  }

  /** @param convert null if the element is none */
  <T> List<T> list(String key, String kind, Function<Object, T> convert) {
    List<?> found = as(List.class, key, get(key), "a list of " + kind);
    return found.stream()
        .map(
            value -> {
              T converted = convert.apply(value);
              if (converted == null) {
                throw wrong(key, value, kind);
              }
              return converted;
            })
        .toList();
  }

  private Object get(String key) {
    Object value = object.get(key);
    if (value == null) {
      throw failure("incomplete: it has no " + key);
    }
    return value;
  }

  private <T> T as(Class<T> type, String key, Object value, String expected) {
    if (!type.isInstance(value)) {
      throw wrong(key, value, expected);
    }
    return type.cast(value);
  }

  private CheckpointException wrong(String key, Object found, String expected) {
    String text = String.valueOf(found);
    String quoted = text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "..." : text;
    return failure("wrong: its " + key + " has " + quoted + ", expected " + expected);
  }

  CheckpointException failure(String state) {
    return new CheckpointException(file + " cannot be used: its description of the " + part + " is " + state);
  }
}
