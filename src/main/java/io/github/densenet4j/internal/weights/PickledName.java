package io.github.densenet4j.internal.weights;

/** What a pickle names: a class or function of Python's, of which we have no more than the name. */
record PickledName(String module, String name) {
  String full() {
    return module + "." + name;
  }
}
