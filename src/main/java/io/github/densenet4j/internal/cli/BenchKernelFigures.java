package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.cpu.Ceiling;
import io.github.densenet4j.internal.cli.BenchKernelTimes.Kernel;
import io.github.densenet4j.internal.cli.BenchKernelTimes.Shape;
import io.github.densenet4j.internal.cli.BenchKernelTimes.Work;
import io.github.densenet4j.internal.report.Roofline;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Kernels beside the ceiling as JSON, as text and for a picture. */
final class BenchKernelFigures {
  private static final double GIGA = 1e9;

  private BenchKernelFigures() {}

  static Map<String, Object> object(Ceiling ceiling) {
    var peaks = new LinkedHashMap<String, Object>();
    ceiling.peakFlops().forEach((type, flops) -> peaks.put(type.label(), flops / GIGA));
    var object = new LinkedHashMap<String, Object>();
    object.put("peak_gflops_per_second", peaks);
    object.put("copy_gigabytes_per_second", ceiling.copyBytes() / GIGA);
    return object;
  }

  static Map<String, Object> object(BenchKernelTimes times) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", times.program().config().name());
    object.put("batch", times.program().workload().batch());
    object.put("step_ms_median", 1e3 * times.stepSeconds());
    object.put("kernels", times.kernels().stream().map(kernel -> object(times, kernel)).toList());
    return object;
  }

  private static Map<String, Object> object(BenchKernelTimes times, Kernel kernel) {
    var object = new LinkedHashMap<String, Object>();
    object.put("operation", kernel.stem());
    addTo(object, times, kernel.work());
    object.put("shapes", kernel.shapes().stream().map(shape -> object(times, shape)).toList());
    return object;
  }

  private static Map<String, Object> object(BenchKernelTimes times, Shape shape) {
    var object = new LinkedHashMap<String, Object>();
    object.put("shape", shape.shape().sizes());
    addTo(object, times, shape.work());
    return object;
  }

  private static void addTo(Map<String, Object> object, BenchKernelTimes times, Work work) {
    object.put("count", work.count());
    object.put("ms_per_step", 1e3 * work.seconds());
    object.put("share_of_step", times.shareOfStep(work));
    object.put("gflops_per_second", work.flopsPerSecond() / GIGA);
    object.put("gigabytes_per_second", work.bytesPerSecond() / GIGA);
    object.put("flops_per_byte", work.intensity());
    object.put("share_of_roof", work.shareOfRoof());
  }

  static void print(Ceiling ceiling, String setting, PrintStream out) {
    var peaks =
        ceiling.peakFlops().entrySet().stream()
            .map(peak -> Table.oneDigit(peak.getValue() / GIGA) + " GFLOP/s " + peak.getKey().label())
            .collect(Collectors.joining(", "));
    out.println("ceiling of " + setting + ": " + peaks + ", copying " + Table.oneDigit(ceiling.copyBytes() / GIGA) + " GB/s");
  }

  /** {@code byShape} adds a row for each shape of a kernel. */
  static void print(BenchKernelTimes times, boolean byShape, PrintStream out) {
    out.println();
    out.println(
        String.format(
            Locale.ROOT, "%s, batch of %d: %.1f ms a step", times.program().config().name(),
            times.program().workload().batch(), 1e3 * times.stepSeconds()));
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("operation", "shapes", "count", "ms", "of step", "GFLOP/s", "GB/s at least", "of roof"));
    for (var kernel : times.kernels()) {
      rows.add(row(kernel.stem(), String.valueOf(kernel.shapes().size()), times, kernel.work()));
      if (byShape) {
        kernel.shapes().forEach(shape -> rows.add(row("  " + shape.shape().label(), "", times, shape.work())));
      }
    }
    Table.figures(rows).print(out);
  }

  private static List<String> row(String title, String shapes, BenchKernelTimes times, Work work) {
    return List.of(
        title, shapes, String.valueOf(work.count()), String.format(Locale.ROOT, "%.2f", 1e3 * work.seconds()),
        percent(times.shareOfStep(work)), work.flops() == 0 ? "" : Table.oneDigit(work.flopsPerSecond() / GIGA),
        Table.oneDigit(work.bytesPerSecond() / GIGA), percent(work.shareOfRoof()));
  }

  private static String percent(double share) {
    return Table.oneDigit(100 * share) + " %";
  }

  /** The picture of all kernels that have flops. */
  static Roofline roofline(Ceiling ceiling, String setting, List<BenchKernelTimes> networks) {
    var peaks = new LinkedHashMap<String, Double>();
    ceiling.peakFlops().forEach((type, flops) -> peaks.put(type.label(), flops));
    return new Roofline(
        setting, peaks, ceiling.copyBytes(), networks.stream().map(BenchKernelFigures::panel).toList());
  }

  private static Roofline.Panel panel(BenchKernelTimes times) {
    var marks = new ArrayList<Roofline.Mark>();
    for (var kernel : times.kernels()) {
      for (var shape : kernel.shapes()) {
        var work = shape.work();
        if (work.flops() > 0) {
          marks.add(
              new Roofline.Mark(
                  kernel.stem(), shape.shape().label(), work.intensity(), work.flopsPerSecond(),
                  times.shareOfStep(work)));
        }
      }
    }
    var program = times.program();
    return new Roofline.Panel(program.config().name() + ", batch of " + program.workload().batch(), marks);
  }
}
