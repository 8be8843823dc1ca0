package io.github.densenet4j.internal.memory;

import java.util.List;

/** How many bytes live at each operation. */
final class Live {
  private Live() {}

  static long[] of(List<Lifetime> lifetimes, int ops) {
    var live = new long[ops];
    for (var lifetime : lifetimes) {
      live[lifetime.first()] += lifetime.bytes();
      if (lifetime.last() + 1 < ops) {
        live[lifetime.last() + 1] -= lifetime.bytes();
      }
    }
    for (int i = 1; i < ops; i++) {
      live[i] += live[i - 1];
    }
    return live;
  }
}
