package io.github.densenet4j.internal.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The members of a kernel's struct of parameters, one after the other, 8 bytes each. */
final class Struct {
  private final List<Object> members = new ArrayList<>();

  static Struct of(Object... members) {
    return new Struct().with(members);
  }

  Struct with(Object... more) {
    members.addAll(Arrays.asList(more));
    return this;
  }

  /** A struct within this one. */
  Struct with(Struct inner) {
    members.addAll(inner.members);
    return this;
  }

  List<Object> members() {
    return members;
  }
}
