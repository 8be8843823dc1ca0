package io.github.densenet4j.internal.memory;

/** The largest of any run of values: a tree, of which each node has the larger of its two children. */
final class RangeMaximum {
  private final int count;

  /** Node 1 is the root, node i has the children 2 i and 2 i + 1; the values are the nodes from {@code count} on. */
  private final long[] nodes;

  RangeMaximum(long[] values) {
    count = values.length;
    nodes = new long[2 * count];
    System.arraycopy(values, 0, nodes, count, count);
    for (int i = count - 1; i > 0; i--) {
      nodes[i] = Math.max(nodes[2 * i], nodes[2 * i + 1]);
    }
  }

  /** The largest value from {@code first} to {@code last}, both included. */
  long of(int first, int last) {
    long most = Long.MIN_VALUE;
    int low = first + count;
    int high = last + count + 1;
    while (low < high) {
      if (low % 2 == 1) {
        most = Math.max(most, nodes[low++]);
      }
      if (high % 2 == 1) {
        most = Math.max(most, nodes[--high]);
      }
      low /= 2;
      high /= 2;
    }
    return most;
  }
}
