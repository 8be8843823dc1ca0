package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.train.TrainingListener.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a line says of a training in progress: as much as there is room for, the most important first. */
final class ProgressText {
  private static final int LEAST_BAR = 8;
  private static final int LONGEST_BAR = 24;

  private final double share;
  private final List<Part> parts;

  /** @param rank 0 is the most important */
  private record Part(int rank, String text) {}

  /** @param plannedBytes of the whole training */
  ProgressText(Step step, long plannedBytes) {
    share = (double) step.batch() / step.batches();
    parts =
        List.of(
            new Part(0, "epoch " + step.epoch() + "/" + step.epochs()),
            new Part(1, "step " + step.batch() + "/" + step.batches()),
            new Part(5, format("%.0f images/s", step.imagesPerSecond())),
            new Part(2, format("loss %.3f", step.loss())),
            new Part(4, format("accuracy %.1f %%", 100 * step.accuracy())),
            new Part(6, "lr " + Figures.significant(step.learningRate(), 3)),
            new Part(7, Figures.bytes(plannedBytes)),
            new Part(3, "ETA " + clock(step.secondsLeft())));
  }

  private static String format(String template, double value) {
    return String.format(Locale.ROOT, template, value);
  }

  /** Seconds as h:mm:ss. */
  private static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole / 3600 + String.format(Locale.ROOT, ":%02d:%02d", whole % 3600 / 60, whole % 60);
  }

  /** All of it. */
  String whole() {
    return join(parts);
  }

  /** What fits into so many columns, with a bar of the epoch if there is room for one. */
  String fitted(int columns) {
    var chosen = new ArrayList<Part>();
    for (var part : parts.stream().sorted(Comparator.comparingInt(Part::rank)).toList()) {
      chosen.add(part);
      if (join(chosen).length() > columns) {
        chosen.removeLast();
        break;
      }
    }
    var shown = parts.stream().filter(chosen::contains).collect(Collectors.toCollection(ArrayList::new));
    int room = Math.min(columns - join(shown).length() - 3, LONGEST_BAR);
    if (room >= LEAST_BAR && !shown.isEmpty()) {
      int done = (int) Math.round(share * room);
      shown.add(1, new Part(-1, "[" + "#".repeat(done) + ".".repeat(room - done) + "]"));
    }
    return join(shown);
  }

  private static String join(List<Part> parts) {
    return parts.stream().map(Part::text).collect(Collectors.joining(" "));
  }
}
