package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.Extent;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * What decides how much work an operation is: its kernel and its sizes, without the places of its operands. Operations
 * of the same shape do the same work on different data.
 *
 * @param stem the operation's name
 * @param sizes by name, as {@code in_channels}, in the order of the operation's components: a Long, three of them for
 *     an extent (batch, height, width), or a Boolean for a choice, as {@code dx_accumulate}
 */
public record OpShape(String stem, SequencedMap<String, Object> sizes) {
  public OpShape {
    sizes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sizes));
  }

  public static OpShape of(Op op) {
    var sizes = new LinkedHashMap<String, Object>();
    var record = (Record) op;
    for (RecordComponent component : Components.of(record)) {
      String name = Stems.words(component.getName());
      switch (Components.value(record, component)) {
        case Extent extent -> sizes.put(name, List.of(extent.batch(), extent.height(), extent.width()));
        case Long size -> sizes.put(name, size);
        case Boolean choice -> sizes.put(name, choice);
        case Record operand -> choices(name, operand, sizes);
        case Object _ -> {} // a factor such as a momentum
      }
    }
    return new OpShape(op.stem(), sizes);
  }

  /** An operand's numbers tell where it lies; only its choices are about work. */
  private static void choices(String operandName, Record operand, SequencedMap<String, Object> sizes) {
    for (RecordComponent component : Components.of(operand)) {
      if (Components.value(operand, component) instanceof Boolean choice) {
        sizes.put(operandName + "_" + Stems.words(component.getName()), choice);
      }
    }
  }

  /** For people, as {@code 64x32x32, in channels 24, out channels 48, dx accumulate}. */
  public String label() {
    return sizes.entrySet().stream()
        .filter(size -> !size.getValue().equals(false))
        .map(size -> label(size.getKey().replace('_', ' '), size.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String label(String name, Object value) {
    return switch (value) {
      case List<?> extent -> extent.stream().map(Object::toString).collect(Collectors.joining("x"));
      case Boolean _ -> name;
      case Object size -> name + " " + size;
    };
  }
}
