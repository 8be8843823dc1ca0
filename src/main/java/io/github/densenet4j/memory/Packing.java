package io.github.densenet4j.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Best-fit placement by lifetime: the largest buffers first, each into the smallest gap that holds it. */
final class Packing {
  private Packing() {}

  /** Places {@code lifetimes} at offsets from {@code base} on, so that no two that live at one time overlap. */
  static List<Placement> pack(List<Lifetime> lifetimes, long base) {
    var order = new ArrayList<>(lifetimes);
    order.sort(Comparator.comparingLong(Lifetime::bytes).reversed().thenComparingInt(Lifetime::first));
    var placed = new ArrayList<Placement>();
    for (var lifetime : order) {
      var neighbours =
          placed.stream()
              .filter(p -> p.lifetime().overlaps(lifetime))
              .sorted(Comparator.comparingLong(Placement::offset))
              .toList();
      placed.add(new Placement(lifetime, offset(lifetime.bytes(), neighbours, base)));
    }
    return placed;
  }

  private static long offset(long bytes, List<Placement> neighbours, long base) {
    long best = -1;
    long smallestGap = Long.MAX_VALUE;
    long free = base;
    for (var neighbour : neighbours) {
      long gap = neighbour.offset() - free;
      if (gap >= bytes && gap < smallestGap) {
        best = free;
        smallestGap = gap;
      }
      free = Math.max(free, neighbour.end());
    }
    return best >= 0 ? best : free;
  }
}
