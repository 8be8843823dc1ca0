package io.github.densenet4j.internal.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What a part of the network holds in a plan's shared part.
 *
 * @param stage its name, such as {@code block 1}
 * @param most the largest sum of its buffers that live at one time, bytes
 * @param atPeak those that live at the plan's peak, bytes
 */
public record StageBytes(String stage, long most, long atPeak) {
  /** The stages in order of first use; buffers that are no stage's own are left out. */
  static List<StageBytes> of(List<Lifetime> passing, int ops, int peak) {
    var byStage = new LinkedHashMap<String, List<Lifetime>>();
    for (var lifetime : passing) {
      if (!lifetime.buffer().stage().isEmpty()) {
        byStage.computeIfAbsent(lifetime.buffer().stage(), _ -> new ArrayList<>()).add(lifetime);
      }
    }
    return byStage.entrySet().stream()
        .map(
            entry -> {
              var live = Live.of(entry.getValue(), ops);
              return new StageBytes(entry.getKey(), Arrays.stream(live).max().orElse(0), live[peak]);
            })
        .toList();
  }
}
