package io.github.densenet4j.internal.weights;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An object of a class that is not here.
 *
 * @param type its class
 * @param fields its state, filled when the pickle comes to it
 */
record PickledObject(PickledName type, Map<Object, Object> fields) {
  PickledObject(PickledName type) {
    this(type, new LinkedHashMap<>());
  }

  /** A dictionary in a field; empty if there is none, as of a module without parts. */
  Map<?, ?> dictionary(String field) {
    return fields.get(field) instanceof Map<?, ?> found ? found : Map.of();
  }
}
