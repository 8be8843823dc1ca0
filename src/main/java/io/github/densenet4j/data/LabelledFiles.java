package io.github.densenet4j.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Image files with a class each.
 *
 * @param labels by file; not copied
 * @param groups by file: files of one group belong together, such as a patient's; empty if nothing says so
 */
record LabelledFiles(FileList files, int[] labels, int[] groups) {
  private static final int[] NO_GROUPS = {};

  LabelledFiles(FileList files, int[] labels) {
    this(files, labels, NO_GROUPS);
  }

  int count() {
    return labels.length;
  }

  LabelledFiles select(int[] indexes) {
    return new LabelledFiles(
        files.select(indexes),
        Arrays.stream(indexes).map(i -> labels[i]).toArray(),
        groups.length == 0 ? groups : Arrays.stream(indexes).map(i -> groups[i]).toArray());
  }

  /** How many files each class has. */
  int[] counts(int classes) {
    var counts = new int[classes];
    IntStream.of(labels).forEach(label -> counts[label]++);
    return counts;
  }
}
