package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.EpochMetrics;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a training report shows.
 *
 * @param title the name of the model
 * @param summary one sentence on what was trained on what
 * @param device the device that trained, as in "cpu, 2 threads, AVX-512"
 * @param parameters the number of trainable parameters
 * @param epochs the epochs so far, rising; at least one
 * @param confusion the confusion matrix of the held-out images, if there are any
 * @param memoryBytes the memory plan: bytes by category, without the total
 * @param configuration the settings of the run, as texts
 */
public record ReportData(
    String title,
    String summary,
    String device,
    long parameters,
    List<EpochMetrics> epochs,
    Optional<Confusion> confusion,
    SequencedMap<String, Long> memoryBytes,
    SequencedMap<String, String> configuration) {
  /** Refuses an empty list of epochs with {@link IllegalArgumentException}. */
  public ReportData {
    epochs = List.copyOf(epochs);
    if (epochs.isEmpty()) {
      throw new IllegalArgumentException("a report needs at least one epoch");
    }
    memoryBytes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(memoryBytes));
    configuration = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(configuration));
  }

  /** The epoch with the highest held-out accuracy, the first of equals; empty if none was measured. */
  Optional<EpochMetrics> best() {
    EpochMetrics best = null;
    for (var epoch : epochs) {
      if (best == null ? !Double.isNaN(epoch.heldOutAccuracy()) : epoch.heldOutAccuracy() > best.heldOutAccuracy()) {
        best = epoch;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The median of the epochs' training speeds. */
  double imagesPerSecond() {
    var speeds = epochs.stream().mapToDouble(EpochMetrics::imagesPerSecond).filter(Double::isFinite).sorted().toArray();
    return speeds.length == 0 ? Double.NaN : speeds[speeds.length / 2];
  }

  /** The time of all epochs in seconds. */
  double seconds() {
    return epochs.stream().mapToDouble(EpochMetrics::seconds).sum();
  }

  /** The planned memory in bytes. */
  long totalBytes() {
    return memoryBytes.values().stream().mapToLong(Long::longValue).sum();
  }
}
