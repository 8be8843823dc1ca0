package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.CacheRate;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.ExactSumTimes;
import io.github.densenet4j.internal.backend.LaunchTimes;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Kernels beside the ceiling as JSON, as text and for a picture. */
final class BenchKernelFigures {
  private static final double GIGA = 1e9;
  private static final double MEGA = 1e6;

  private BenchKernelFigures() {}

  static Map<String, Object> object(Ceiling ceiling) {
    var peaks = new LinkedHashMap<String, Object>();
    ceiling.peakFlops().forEach((type, flops) -> peaks.put(type.label(), flops / GIGA));
    var object = new LinkedHashMap<String, Object>();
    object.put("peak_gflops_per_second", peaks);
    object.put("copy_gigabytes_per_second", ceiling.copyBytes() / GIGA);
    if (!ceiling.cached().isEmpty()) {
      object.put("cached", ceiling.cached().stream().map(BenchKernelFigures::object).toList());
    }
    addTo(object, ceiling.launches());
    return object;
  }

  private static Map<String, Object> object(CacheRate rate) {
    var object = new LinkedHashMap<String, Object>();
    object.put("megabytes", rate.bytes() / MEGA);
    object.put("read_gigabytes_per_second", rate.readBytes() / GIGA);
    object.put("update_gigabytes_per_second", rate.updateBytes() / GIGA);
    return object;
  }

  private static void addTo(Map<String, Object> object, LaunchTimes launches) {
    if (launches.launchSeconds().isEmpty()) {
      return;
    }
    var rows = new ArrayList<Map<String, Object>>();
    launches.launchSeconds().forEach(
        (blocks, seconds) -> {
          var row = new LinkedHashMap<String, Object>();
          row.put("blocks", blocks);
          row.put("launch_us", MEGA * seconds);
          Optional.ofNullable(launches.programmaticLaunchSeconds().get(blocks))
              .ifPresent(programmatic -> row.put("programmatic_launch_us", MEGA * programmatic));
          row.put("exact_sums", launches.exactSums().stream().map(times -> object(times, blocks)).toList());
          rows.add(row);
        });
    object.put("launches", rows);
    launches.notMeasured().ifPresent(reason -> object.put("programmatic_launches_not_measured", reason));
  }

  private static Map<String, Object> object(ExactSumTimes times, int blocks) {
    var object = new LinkedHashMap<String, Object>();
    object.put("sums", times.sums());
    object.put("launch_us", MEGA * times.launchSeconds().get(blocks));
    return object;
  }

  static Map<String, Object> object(BenchKernelTimes times) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", times.program().config().name());
    object.put("batch", times.program().workload().batch());
    putIfKnown(object, "step_ms_median", 1e3 * times.stepSeconds());
    putIfKnown(object, "graph_ms_median", 1e3 * times.graphSeconds());
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
    putIfKnown(object, "ms_per_step", 1e3 * work.seconds());
    putIfKnown(object, "share_of_step", times.shareOfStep(work));
    putIfKnown(object, "gflops_per_second", work.flopsPerSecond() / GIGA);
    putIfKnown(object, "gigabytes_per_second", work.bytesPerSecond() / GIGA);
    object.put("flops", work.flops());
    object.put("bytes", work.trafficBytes());
    object.put("flops_per_byte", work.intensity());
    putIfKnown(object, "share_of_roof", work.shareOfRoof());
  }

  /** What took less than a clock shows has no speed. */
  private static void putIfKnown(Map<String, Object> object, String name, double figure) {
    if (Double.isFinite(figure)) {
      object.put(name, figure);
    }
  }

  /** For people. */
  static String text(Ceiling ceiling) {
    var peaks =
        ceiling.peakFlops().entrySet().stream()
            .map(peak -> Table.oneDigit(peak.getValue() / GIGA) + " GFLOP/s " + peak.getKey().label())
            .collect(Collectors.joining(", "));
    String cached =
        ceiling.cached().stream()
            .map(
                rate -> String.format(
                    Locale.ROOT, ", %.1f MB again and again %.1f GB/s read and %.1f updated", rate.bytes() / MEGA,
                    rate.readBytes() / GIGA, rate.updateBytes() / GIGA))
            .collect(Collectors.joining());
    return peaks + ", copying " + Table.oneDigit(ceiling.copyBytes() / GIGA) + " GB/s" + cached
        + text(ceiling.launches());
  }

  private static String text(LaunchTimes launches) {
    if (launches.launchSeconds().isEmpty()) {
      return "";
    }
    String programmatic =
        launches.notMeasured()
            .map(reason -> "not measured: " + reason)
            .orElseGet(() -> microseconds(launches.programmaticLaunchSeconds()));
    String adding =
        launches.exactSums().stream()
            .map(times -> ", one that adds to " + times.sums() + " sums " + microseconds(times.launchSeconds()))
            .collect(Collectors.joining());
    return ", an empty kernel " + microseconds(launches.launchSeconds()) + ", with programmatic edges " + programmatic
        + adding;
  }

  private static String microseconds(SortedMap<Integer, Double> secondsByBlocks) {
    return secondsByBlocks.entrySet().stream()
        .map(each -> String.format(Locale.ROOT, "%.2f us on %d blocks", MEGA * each.getValue(), each.getKey()))
        .collect(Collectors.joining(" and "));
  }

  /** {@code byShape} adds a row for each shape of a kernel. */
  static void print(BenchKernelTimes times, boolean byShape, PrintStream out) {
    out.println();
    out.println(title(times));
    Table.figures(rows(times, byShape)).print(out);
  }

  /** The network, its batch, and how long a step takes. */
  static String title(BenchKernelTimes times) {
    var program = times.program();
    String title = program.config().name() + ", batch of " + program.workload().batch();
    if (!times.timed()) {
      return title;
    }
    String step = String.format(Locale.ROOT, "%s: %.1f ms a step", title, 1e3 * times.stepSeconds());
    return Double.isNaN(times.graphSeconds())
        ? step
        : step + String.format(Locale.ROOT, ", %.2f ms as one graph", 1e3 * times.graphSeconds());
  }

  /** A heading, then a row for each kernel and, if {@code byShape}, for each of its shapes. */
  static List<List<String>> rows(BenchKernelTimes times, boolean byShape) {
    var rows = new ArrayList<List<String>>();
    rows.add(
        times.timed()
            ? List.of("operation", "shapes", "count", "ms", "of step", "GFLOP/s", "GB/s at least", "of roof")
            : List.of("operation", "shapes", "count", "GFLOP", "GB at least"));
    for (var kernel : times.kernels()) {
      rows.add(row(kernel.stem(), String.valueOf(kernel.shapes().size()), times, kernel.work()));
      if (byShape) {
        kernel.shapes().forEach(shape -> rows.add(row("  " + shape.shape().label(), "", times, shape.work())));
      }
    }
    return rows;
  }

  private static List<String> row(String title, String shapes, BenchKernelTimes times, Work work) {
    if (!times.timed()) {
      return List.of(
          title, shapes, String.valueOf(work.count()), Table.oneDigit(work.flops() / GIGA),
          String.format(Locale.ROOT, "%.3f", work.trafficBytes() / GIGA));
    }
    return List.of(
        title, shapes, String.valueOf(work.count()), String.format(Locale.ROOT, "%.2f", 1e3 * work.seconds()),
        percent(times.shareOfStep(work)), work.flops() == 0 ? "" : speed(work.flopsPerSecond()),
        speed(work.bytesPerSecond()), percent(work.shareOfRoof()));
  }

  private static String speed(double perSecond) {
    return Double.isFinite(perSecond) ? Table.oneDigit(perSecond / GIGA) : "";
  }

  private static String percent(double share) {
    return Double.isFinite(share) ? Table.oneDigit(100 * share) + " %" : "";
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
