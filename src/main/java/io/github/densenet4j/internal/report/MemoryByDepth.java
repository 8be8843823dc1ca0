package io.github.densenet4j.internal.report;

import java.util.List;
import java.util.Optional;

/**
 * How the memory of a family of networks grows with depth, for several strategies.
 *
 * @param title of the family, as in "DenseNet-BC, k = 12"
 * @param setting the rest, as in "batch of 64, cpu, 2 threads"
 * @param curves one a strategy, in the order of the report; all have points at the same depths
 */
public record MemoryByDepth(String title, String setting, List<Curve> curves) {
  /** Refuses curves that are missing or of different depths with {@link IllegalArgumentException}. */
  public MemoryByDepth {
    curves = List.copyOf(curves);
    if (curves.isEmpty() || curves.stream().map(Curve::depths).distinct().count() > 1) {
      throw new IllegalArgumentException("curves of the same depths are needed, found " + curves);
    }
  }

  /**
   * One strategy.
   *
   * @param exponent p of the fitted law: activations and workspace in proportion to the depth's p-th power; NaN for a
   *     single depth
   * @param points rising in depth
   */
  public record Curve(String name, double exponent, List<Point> points) {
    public Curve {
      points = List.copyOf(points);
    }

    List<Integer> depths() {
      return points.stream().map(Point::depth).toList();
    }
  }

  /**
   * One network.
   *
   * @param depth L, the layers with weights
   * @param plannedBytes all of the plan
   * @param passingBytes of these, activations and workspace
   * @param measuredBytes the process's growth by loading the network and its first step, if that was measured
   * @param refusal why it could not be measured, if that was tried
   */
  public record Point(
      int depth, long plannedBytes, long passingBytes, Optional<Long> measuredBytes, Optional<String> refusal) {}

  /** Whether measurements were tried, fitting or not. */
  public boolean tried() {
    return curves.stream()
        .flatMap(curve -> curve.points().stream())
        .anyMatch(point -> point.measuredBytes().isPresent() || point.refusal().isPresent());
  }

  List<Integer> depths() {
    return curves.getFirst().depths();
  }
}
