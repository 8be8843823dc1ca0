package io.github.densenet4j.internal.backend;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a launch costs whose blocks all add to the same sums, as those of fused kernels do at their ends.
 *
 * @param sums of which each block adds to every one
 * @param launchSeconds from the beginning of such a kernel to that of the next, by the number of its blocks
 */
public record ExactSumTimes(int sums, SortedMap<Integer, Double> launchSeconds) {
  public ExactSumTimes {
    launchSeconds = Collections.unmodifiableSortedMap(new TreeMap<>(launchSeconds));
  }
}
