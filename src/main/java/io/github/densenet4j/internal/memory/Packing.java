package io.github.densenet4j.internal.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Best-fit placement by lifetime: one buffer after the other, each into a gap between those that live at the same time.
 *
 * <p>How good that is depends on the order. Buffers that live while much else does come first, because only there is
 * space scarce; then the order is repaired for some rounds: what sticks out of the goal comes earlier in the next one.
 * The smallest arena counts. Everything is deterministic.
 */
final class Packing {
  /** An arena that is larger than the lower bound by this share needs no better order. */
  private static final double GOOD = 0.01;

  /** One that is larger by this share is worth a long search. */
  private static final double BAD = 0.04;

  /** Pairs of buffers that may be compared for one kind of order: rounds are few where buffers are many. */
  private static final long FEW_PAIRS = 60_000_000;

  /** The same while the best arena is bad. */
  private static final long MANY_PAIRS = 200_000_000;

  /** How much earlier in the order a buffer that sticks out comes in the next round. */
  private static final int PLACES = 20;

  private final List<Lifetime> lifetimes;
  private final long base;
  private final long bound;
  private List<Placement> best = List.of();
  private long bestEnd = Long.MAX_VALUE;

  private Packing(List<Lifetime> lifetimes, long base, long bound) {
    this.lifetimes = lifetimes;
    this.base = base;
    this.bound = bound;
  }

  /**
   * Places {@code lifetimes} at offsets from {@code base} on, so that no two that live at one time overlap.
   *
   * @param live the bytes that live at each operation
   */
  static List<Placement> pack(List<Lifetime> lifetimes, long base, long[] live) {
    long bound = 0;
    for (long bytes : live) {
      bound = Math.max(bound, bytes);
    }
    var packing = new Packing(lifetimes, base, bound);
    var largest = Comparator.comparingLong(Lifetime::bytes).reversed().thenComparingInt(Lifetime::first);
    var longest = Comparator.comparingInt(Lifetime::length).reversed().thenComparing(largest);
    var area = Comparator.comparingDouble(Lifetime::area).reversed().thenComparing(largest);
    var crowds = crowds(lifetimes, live);
    var crowded = Comparator.<Lifetime>comparingLong(crowds::get).reversed().thenComparing(longest);
    for (var order : List.of(crowded, largest, area, longest)) {
      packing.search(order, false);
      packing.search(order, true);
    }
    return packing.best;
  }

  /** For each buffer the most bytes that live at one time of its life. */
  private static Map<Lifetime, Long> crowds(List<Lifetime> lifetimes, long[] live) {
    var most = new RangeMaximum(live);
    var crowds = new IdentityHashMap<Lifetime, Long>();
    lifetimes.forEach(lifetime -> crowds.put(lifetime, most.of(lifetime.first(), lifetime.last())));
    return crowds;
  }

  /** @param lowest whether a buffer goes into the lowest gap that holds it, instead of the smallest */
  private void search(Comparator<Lifetime> by, boolean lowest) {
    long goal = base + bound + (long) (GOOD * bound);
    long patience = base + bound + (long) (BAD * bound);
    long pairs = Math.max(1, (long) lifetimes.size() * lifetimes.size());
    var order = new ArrayList<>(lifetimes);
    order.sort(by);
    for (long compared = 0; compared < (bestEnd > patience ? MANY_PAIRS : FEW_PAIRS); compared += pairs) {
      var placed = place(order, lowest);
      long end = placed.stream().mapToLong(Placement::end).max().orElse(base);
      if (end < bestEnd) {
        best = placed;
        bestEnd = end;
      }
      if (bestEnd <= goal) {
        return;
      }
      for (int i = 0; i < order.size(); i++) {
        if (placed.get(i).end() > goal) {
          order.add(Math.max(0, i - PLACES), order.remove(i));
        }
      }
    }
  }

  /** The places of all, in the order given. */
  private List<Placement> place(List<Lifetime> order, boolean lowest) {
    var occupied = new Occupied(order.size(), base);
    var placements = new ArrayList<Placement>(order.size());
    for (var lifetime : order) {
      var placement = new Placement(lifetime, occupied.gap(lifetime, lowest));
      occupied.add(placement);
      placements.add(placement);
    }
    return placements;
  }
}
