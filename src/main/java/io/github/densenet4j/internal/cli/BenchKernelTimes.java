package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.OpShape;
import io.github.densenet4j.internal.program.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The kernels of one network's step beside the machine's ceiling.
 *
 * <p>A kernel is timed where it works, in whole steps, and not in a loop of its own: there its operands are in a cache
 * or in memory as the operations before it have left them, while a loop would find small ones always in a cache. Calls
 * of one shape differ in their data only, so they are added up; of the rounds, each one step, the median counts.
 *
 * <p>Traffic is each operand once, as if all came from memory. An operand that a cache still has makes a kernel faster
 * than its roof; one that is fetched twice makes it slower.
 *
 * @param stepSeconds of a step, the median; NaN if nothing was timed
 * @param graphSeconds of a step that a GPU runs as one, the median; NaN elsewhere
 * @param kernels the longest first, or those that move most if nothing was timed
 */
record BenchKernelTimes(Program program, double stepSeconds, double graphSeconds, List<Kernel> kernels) {
  /**
   * All calls of one kernel in a step.
   *
   * @param shapes in the order in which a step meets them
   */
  record Kernel(String stem, Work work, List<Shape> shapes) {}

  /** All calls of one kernel at one shape in a step. */
  record Shape(OpShape shape, Work work) {}

  /**
   * What some calls did together in a step.
   *
   * @param count of calls
   * @param seconds the median of the rounds; NaN if nothing was timed
   * @param trafficBytes the least
   * @param leastSeconds on the roof
   */
  record Work(int count, double seconds, long flops, long trafficBytes, double leastSeconds) {
    double flopsPerSecond() {
      return flops / seconds;
    }

    double bytesPerSecond() {
      return trafficBytes / seconds;
    }

    /** Operations a byte. */
    double intensity() {
      return (double) flops / trafficBytes;
    }

    /** 1 on the roof. */
    double shareOfRoof() {
      return leastSeconds / seconds;
    }
  }

  /**
   * @param rounds steps of {@code program}, at least one
   * @param ceiling whose peak for the program's precision is the roof
   */
  static BenchKernelTimes of(Program program, List<BenchRun.Step> rounds, Ceiling ceiling) {
    var type = program.lowering().type();
    var seconds = rounds.stream().map(BenchKernelTimes::secondsByShape).toList();
    var kernels =
        kernels(
            program, shape -> seconds.stream().anyMatch(round -> round.containsKey(shape)),
            shapes -> median(seconds, shapes),
            op -> ceiling.leastSeconds(type, op.flops(), op.trafficBytes()));
    kernels.sort(Comparator.comparingDouble((Kernel kernel) -> kernel.work().seconds()).reversed());
    double step = BenchRun.median(rounds.stream().mapToDouble(BenchRun.Step::seconds).toArray());
    return new BenchKernelTimes(program, step, Double.NaN, kernels);
  }

  /** What is known of a step without running it. */
  static BenchKernelTimes counted(Program program) {
    var kernels = kernels(program, _ -> true, _ -> Double.NaN, _ -> Double.NaN);
    kernels.sort(Comparator.comparingLong((Kernel kernel) -> kernel.work().trafficBytes()).reversed());
    return new BenchKernelTimes(program, Double.NaN, Double.NaN, kernels);
  }

  /**
   * @param ran whether calls of a shape did anything
   * @param seconds that all calls of some shapes took
   * @param least that one operation takes on the roof
   */
  private static List<Kernel> kernels(
      Program program, Predicate<OpShape> ran, ToDoubleFunction<List<OpShape>> seconds, ToDoubleFunction<Op> least) {
    var groups =
        program.step().stream()
            .filter(op -> ran.test(OpShape.of(op)))
            .collect(Collectors.groupingBy(OpShape::of, LinkedHashMap::new, Collectors.toList()));
    var shapes = new LinkedHashMap<String, List<Shape>>();
    groups.forEach(
        (shape, ops) -> shapes.computeIfAbsent(shape.stem(), _ -> new ArrayList<>())
            .add(new Shape(shape, work(ops, seconds.applyAsDouble(List.of(shape)), least))));
    var kernels = new ArrayList<Kernel>();
    shapes.forEach((stem, found) -> kernels.add(kernel(stem, found, seconds)));
    return kernels;
  }

  /** The same with the time of a step that a GPU runs as one. */
  BenchKernelTimes withGraph(double seconds) {
    return new BenchKernelTimes(program, stepSeconds, seconds, kernels);
  }

  private static Map<OpShape, Double> secondsByShape(BenchRun.Step round) {
    return round.profile().timed().stream()
        .collect(
            Collectors.groupingBy(timed -> OpShape.of(timed.op()), Collectors.summingDouble(timed -> timed.seconds())));
  }

  /** Of the rounds' sums; a profile has no operations that took no time. */
  private static double median(List<Map<OpShape, Double>> rounds, List<OpShape> shapes) {
    return BenchRun.median(
        rounds.stream()
            .mapToDouble(round -> shapes.stream().mapToDouble(shape -> round.getOrDefault(shape, 0.0)).sum())
            .toArray());
  }

  private static Work work(List<Op> ops, double seconds, ToDoubleFunction<Op> least) {
    var one = ops.getFirst(); // the others are of the same shape
    return new Work(
        ops.size(), seconds, ops.size() * one.flops(), ops.size() * one.trafficBytes(),
        ops.size() * least.applyAsDouble(one));
  }

  private static Kernel kernel(String stem, List<Shape> shapes, ToDoubleFunction<List<OpShape>> ofShapes) {
    double seconds = ofShapes.applyAsDouble(shapes.stream().map(Shape::shape).toList());
    var parts = shapes.stream().map(Shape::work).toList();
    var work =
        new Work(
            parts.stream().mapToInt(Work::count).sum(), seconds, parts.stream().mapToLong(Work::flops).sum(),
            parts.stream().mapToLong(Work::trafficBytes).sum(), parts.stream().mapToDouble(Work::leastSeconds).sum());
    return new Kernel(stem, work, shapes);
  }

  boolean timed() {
    return !Double.isNaN(stepSeconds);
  }

  /** The part of a step's time that some of its calls take. */
  double shareOfStep(Work work) {
    return work.seconds() / stepSeconds;
  }

  /** The same without the kernels that have other names; all of them if there are no names. */
  BenchKernelTimes only(List<String> stems) {
    var chosen = kernels.stream().filter(kernel -> stems.isEmpty() || stems.contains(kernel.stem())).toList();
    return new BenchKernelTimes(program, stepSeconds, graphSeconds, chosen);
  }
}
