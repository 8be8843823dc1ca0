package io.github.densenet4j.internal.backend;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a launch costs: seconds from the beginning of a kernel that does nothing to that of the next, by the number of
 * its blocks.
 *
 * @param launchSeconds where a kernel begins when the one before has ended; empty where there are no launches
 * @param programmaticLaunchSeconds where it may begin while that one runs, and waits for it itself; empty if that was
 *     not measured
 * @param notMeasured why programmatic launches were not measured
 * @param exactSums the same of kernels that only add to sums, where each begins when the one before has ended; empty
 *     where there are no launches
 */
public record LaunchTimes(
    SortedMap<Integer, Double> launchSeconds, SortedMap<Integer, Double> programmaticLaunchSeconds,
    Optional<String> notMeasured, List<ExactSumTimes> exactSums) {
  /** Of a device that calls its kernels and launches none. */
  public static final LaunchTimes NONE =
      new LaunchTimes(Collections.emptySortedMap(), Collections.emptySortedMap(), Optional.empty(), List.of());

  public LaunchTimes {
    launchSeconds = Collections.unmodifiableSortedMap(new TreeMap<>(launchSeconds));
    programmaticLaunchSeconds = Collections.unmodifiableSortedMap(new TreeMap<>(programmaticLaunchSeconds));
    exactSums = List.copyOf(exactSums);
  }
}
