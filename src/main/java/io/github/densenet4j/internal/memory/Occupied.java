package io.github.densenet4j.internal.memory;

/** What has been placed so far, by rising offset; plain arrays, because every search walks through all of it. */
final class Occupied {
  private final long base;
  private final long[] offsets;
  private final long[] ends;
  private final int[] firsts;
  private final int[] lasts;
  private int count;

  Occupied(int capacity, long base) {
    this.base = base;
    offsets = new long[capacity];
    ends = new long[capacity];
    firsts = new int[capacity];
    lasts = new int[capacity];
  }

  /**
   * Where a buffer finds room between those that live at the same time, or above them.
   *
   * @param lowest whether to take the lowest gap that holds it, instead of the smallest
   */
  long gap(Lifetime lifetime, boolean lowest) {
    long bytes = lifetime.bytes();
    long fit = -1;
    long smallest = Long.MAX_VALUE;
    long free = base;
    for (int i = 0; i < count && !(lowest && fit >= 0); i++) {
      if (firsts[i] <= lifetime.last() && lifetime.first() <= lasts[i]) {
        long gap = offsets[i] - free;
        if (gap >= bytes && gap < smallest) {
          fit = free;
          smallest = gap;
        }
        free = Math.max(free, ends[i]);
      }
    }
    return fit >= 0 ? fit : free;
  }

  void add(Placement placement) {
    int index = index(placement.offset());
    insert(offsets, index, placement.offset());
    insert(ends, index, placement.end());
    insert(firsts, index, placement.lifetime().first());
    insert(lasts, index, placement.lifetime().last());
    count++;
  }

  /** Where {@code offset} belongs. */
  private int index(long offset) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offsets[middle] < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void insert(long[] values, int index, long value) {
    System.arraycopy(values, index, values, index + 1, count - index);
    values[index] = value;
  }

  private void insert(int[] values, int index, int value) {
    System.arraycopy(values, index, values, index + 1, count - index);
    values[index] = value;
  }
}
