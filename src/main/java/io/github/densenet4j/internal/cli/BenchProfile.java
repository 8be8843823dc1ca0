package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.StepProfile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The time of a step by operation, as JSON and as text.
 *
 * @param steps that the profile adds up
 * @param stepSeconds the mean time of a step
 */
record BenchProfile(StepProfile profile, int steps, double stepSeconds) {
  static BenchProfile of(List<BenchRun.Step> steps) {
    return new BenchProfile(
        StepProfile.sum(steps.stream().map(BenchRun.Step::profile).toList()), steps.size(),
        steps.stream().mapToDouble(BenchRun.Step::seconds).average().orElseThrow());
  }

  List<Map<String, Object>> objects() {
    var objects = new ArrayList<Map<String, Object>>();
    for (var entry : profile.entries()) {
      var object = new LinkedHashMap<String, Object>();
      object.put("operation", entry.stem());
      object.put("count", entry.count());
      object.put("ms_per_step", 1e3 * entry.seconds() / steps);
      object.put("share_of_step", share(entry.seconds()));
      object.put("gflops_per_second", rate(entry.flops(), entry));
      object.put("gigabytes_per_second", rate(entry.trafficBytes(), entry));
      objects.add(object);
    }
    return objects;
  }

  List<List<String>> rows() {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("operation", "count", "ms", "of step", "GFLOP/s", "GB/s at least"));
    for (var entry : profile.entries()) {
      rows.add(
          List.of(
              entry.stem(), String.valueOf(entry.count()), milliseconds(entry.seconds()), percent(entry.seconds()),
              entry.flops() == 0 ? "" : Table.oneDigit(rate(entry.flops(), entry)),
              Table.oneDigit(rate(entry.trafficBytes(), entry))));
    }
    double total = profile.seconds();
    rows.add(List.of("together", "", milliseconds(total), percent(total), "", ""));
    return rows;
  }

  private double share(double seconds) {
    return seconds / steps / stepSeconds;
  }

  /** Of one step's amount, in 1e9 a second. */
  private double rate(long amount, StepProfile.Entry entry) {
    return amount / (entry.seconds() / steps) / 1e9;
  }

  private String milliseconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", 1e3 * seconds / steps);
  }

  private String percent(double seconds) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share(seconds));
  }
}
