package io.github.densenet4j.internal.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * How fast kernels are beside what the machine can do.
 *
 * @param setting where it was measured, as in "avx512 kernels on 2 threads"
 * @param peakFlops the machine's operations a second by type of number, at least one
 * @param copyBytes bytes a second, read plus written, by copying through memory
 * @param panels one a network, at least one
 */
public record Roofline(
    String setting, SequencedMap<String, Double> peakFlops, double copyBytes, List<Panel> panels) {
  /** Refuses a picture without peaks or without marks with {@link IllegalArgumentException}. */
  public Roofline {
    peakFlops = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(peakFlops));
    panels = List.copyOf(panels);
    if (peakFlops.isEmpty() || panels.stream().allMatch(panel -> panel.marks().isEmpty())) {
      throw new IllegalArgumentException("a roofline needs peaks and kernels, found " + peakFlops + " and " + panels);
    }
  }

  /** The kernels of one network. */
  public record Panel(String title, List<Mark> marks) {
    public Panel {
      marks = List.copyOf(marks);
    }
  }

  /**
   * One kernel at one shape.
   *
   * @param kernel the name: a family, an underline and a pass, as in {@code bnrelu_conv1x1_fprop}
   * @param shape for people
   * @param intensity operations for each byte of the least traffic, positive
   * @param flopsPerSecond operations a second that were reached, positive
   * @param shareOfStep the part of a step's time that all its calls take
   */
  public record Mark(String kernel, String shape, double intensity, double flopsPerSecond, double shareOfStep) {
    /** Refuses what has no place on logarithmic axes, or no family, with {@link IllegalArgumentException}. */
    public Mark {
      if (!(intensity > 0 && flopsPerSecond > 0) || kernel.lastIndexOf('_') < 1) {
        throw new IllegalArgumentException(kernel + " has intensity " + intensity + " and speed " + flopsPerSecond);
      }
    }

    String family() {
      return kernel.substring(0, kernel.lastIndexOf('_'));
    }

    String pass() {
      return kernel.substring(kernel.lastIndexOf('_') + 1);
    }
  }

  Stream<Mark> marks() {
    return panels.stream().flatMap(panel -> panel.marks().stream());
  }

  /** The families of kernels in alphabetical order. */
  List<String> families() {
    return marks().map(Mark::family).distinct().sorted().toList();
  }

  /** The passes in alphabetical order. */
  List<String> passes() {
    return marks().map(Mark::pass).distinct().sorted().toList();
  }

  double highestPeak() {
    return Collections.max(peakFlops.values());
  }
}
