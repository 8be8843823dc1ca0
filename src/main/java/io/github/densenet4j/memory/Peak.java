package io.github.densenet4j.memory;

import io.github.densenet4j.tensor.Category;
import java.util.List;

/**
 * The operation at which most bytes live.
 *
 * @param op its index
 * @param bytes that live there
 * @param workspaceBytes of these, scratch memory
 */
record Peak(int op, long bytes, long workspaceBytes) {
  static Peak of(List<Lifetime> lifetimes, int ops) {
    var live = new long[ops + 1];
    var workspace = new long[ops + 1];
    for (var lifetime : lifetimes) {
      live[lifetime.first()] += lifetime.bytes();
      live[lifetime.last() + 1] -= lifetime.bytes();
      if (lifetime.buffer().category() == Category.WORKSPACE) {
        workspace[lifetime.first()] = lifetime.bytes();
      }
    }
    var peak = new Peak(0, 0, 0);
    long bytes = 0;
    for (int op = 0; op < ops; op++) {
      bytes += live[op];
      if (bytes > peak.bytes) {
        peak = new Peak(op, bytes, workspace[op]);
      }
    }
    return peak;
  }
}
