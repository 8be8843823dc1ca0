package io.github.densenet4j.internal.weights;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.Wording;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * Finds the named tensors in what {@code torch.save} was given: a state dict, a training's checkpoint that has one, or a
 * module, of which the names are those that its {@code state_dict()} would have.
 */
final class StateDict {
  private static final List<String> INSIDE = List.of("state_dict", "model_state_dict", "model", "net");
  private static final int DEEPEST = 32;
  private static final int MOST_TENSORS = 1 << 16;
  private static final int NAMED_KEYS = 5;

  private final String file;
  private final SequencedMap<String, PickledTensor> tensors = new LinkedHashMap<>();
  private int modules;

  /** @param file for messages */
  StateDict(String file) {
    this.file = file;
  }

  /** @throws CheckpointException if there are none */
  SequencedMap<String, PickledTensor> of(Object content) {
    find(content, 0);
    return tensors;
  }

  private void find(Object content, int depth) {
    switch (content) {
      case Map<?, ?> map when inside(map).isPresent() && depth < INSIDE.size() -> find(inside(map).get(), depth + 1);
      case Map<?, ?> map when map.values().stream().anyMatch(PickledTensor.class::isInstance) -> add("", map);
      case Map<?, ?> map -> throw none(map.isEmpty() ? "an empty dictionary" : "a dictionary of " + keys(map));
      case PickledObject module when isModule(module) -> walk("", module, 0);
      case PickledObject other -> throw none("a " + Wording.quoted(other.type().full()));
      case null, default -> throw none("something else");
    }
  }

  private static Optional<Object> inside(Map<?, ?> map) {
    return INSIDE.stream()
        .<Object>map(map::get)
        .filter(value -> value instanceof Map || value instanceof PickledObject)
        .findFirst();
  }

  private static String keys(Map<?, ?> map) {
    return map.keySet().stream()
        .limit(NAMED_KEYS)
        .map(key -> key instanceof String text ? Wording.quoted(text) : "?")
        .collect(Collectors.joining(", "));
  }

  private CheckpointException none(String found) {
    return new CheckpointException(
        "%s has no weights that can be found: it holds %s, expected a state dict, a checkpoint with one as "
            .formatted(file, found) + "state_dict or model, or a module");
  }

  private static boolean isModule(PickledObject object) {
    return object.fields().containsKey("_modules") && object.fields().containsKey("_parameters");
  }

  private void add(String prefix, Map<?, ?> named) {
    named.forEach(
        (name, value) -> {
          if (name instanceof String text && value instanceof PickledTensor tensor) {
            tensors.put(prefix + text, tensor);
          }
        });
    if (tensors.size() > MOST_TENSORS) {
      throw new CheckpointException(file + " has more than " + MOST_TENSORS + " tensors, which no DenseNet has");
    }
  }

  private void walk(String prefix, PickledObject module, int depth) {
    if (depth > DEEPEST || ++modules > MOST_TENSORS) {
      throw new CheckpointException(file + " has modules that are nested too deep or too many to be a network");
    }
    add(prefix, module.dictionary("_parameters"));
    add(prefix, module.dictionary("_buffers"));
    module.dictionary("_modules")
        .forEach(
            (name, part) -> {
              if (name instanceof String text && part instanceof PickledObject child) {
                walk(prefix + text + ".", child, depth + 1);
              }
            });
  }
}
