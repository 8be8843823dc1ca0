package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.report.DepthChart;
import io.github.densenet4j.internal.report.DepthReport;
import io.github.densenet4j.internal.report.MemoryByDepth.Curve;
import io.github.densenet4j.internal.report.MemoryByDepth.Point;
import io.github.densenet4j.internal.report.MemoryByDepth;
import io.github.densenet4j.internal.tensor.Category;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "depth",
    description = {
      "Shows how memory grows with depth: DenseNet-BC with three equal blocks, compression 0.5, L = 6 n + 4.",
      "Planned for every strategy; with --measure also the growth of a process by loading the network and its first "
          + "step, where that fits in memory. The growth exponent p is fitted to activations plus workspace, in "
          + "proportion to L^p."
    })
final class BenchDepthCommand implements Runnable {
  private static final int BLOCKS = 3;

  @Spec private CommandSpec spec;
  @ParentCommand private BenchCommand bench;

  @Option(
      names = "--growth-rate",
      defaultValue = "12",
      paramLabel = "K",
      description = "feature maps that each dense layer adds (default: 12)")
  private int growthRate;

  @Option(
      names = "--depths",
      defaultValue = "40,100,160,220,280,340,400",
      split = ",",
      paramLabel = "L,L,...",
      hideParamSyntax = true,
      description = "layers with weights, 4 more than a multiple of 6 (default: ${DEFAULT-VALUE})")
  private List<Integer> depths;

  @Mixin private BenchStrategies strategies;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(
      names = "--image-size", defaultValue = "32", paramLabel = "N", description = "height and width (default: 32)")
  private int imageSize;

  @Option(names = "--measure", description = "run one step of each network that fits, each in a process of its own")
  private boolean measure;

  @Mixin private DeviceOptions deviceOptions;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Option(names = "--html", paramLabel = "FILE", description = "write a report with pictures")
  private Path html;

  @Option(names = "--svg", paramLabel = "FILE", description = "write the picture alone")
  private Path svg;

  @Override
  public void run() {
    bench.requireNoOptions(spec);
    var configs = depths.stream().sorted().distinct().map(this::config).toList();
    try (var harness = new BenchHarness(deviceOptions, batchSize, bench.console())) {
      var curves =
          strategies.lowerings().stream()
              .map(lowering -> curve(harness, lowering, configs))
              .sorted(Comparator.comparingLong((Curve curve) -> curve.points().getLast().plannedBytes()).reversed())
              .toList();
      report(harness.device(), new MemoryByDepth("DenseNet-BC, k = " + growthRate, harness.setting(), curves));
    }
  }

  private void report(String device, MemoryByDepth memory) {
    if (html != null) {
      DepthReport.write(html, memory);
    }
    if (svg != null) {
      DepthChart.write(svg, memory);
    }
    if (json) {
      var object = new LinkedHashMap<String, Object>();
      object.put("family", memory.title());
      object.put("growth_rate", growthRate);
      object.put("device", device);
      object.put("batch", batchSize);
      object.put("threads", deviceOptions.threads());
      object.put("strategies", BenchDepthFigures.strategies(memory));
      bench.console().out().println(Json.toText(object));
    } else {
      BenchDepthFigures.print(memory, bench.console().out());
    }
  }

  private DenseNetConfig config(int depth) {
    if (depth < 10 || depth % 6 != 4) {
      throw new ConfigurationException(
          "--depths has " + depth + ", it must be 4 more than a positive multiple of 6, such as 40 or 100");
    }
    int layers = (depth - 4) / 6;
    return new DenseNetConfig(
        "bc-" + depth + "-" + growthRate, growthRate, List.of(layers, layers, layers), 2 * growthRate, 4, 0.5, 0,
        Stem.CIFAR, 3, imageSize, 10);
  }

  private Curve curve(BenchHarness harness, Lowering lowering, List<DenseNetConfig> configs) {
    var points = configs.stream().map(config -> point(harness, lowering, config)).toList();
    double[] x = values(points, Point::depth);
    double[] y = values(points, Point::passingBytes);
    return new Curve(lowering.label(), PowerLaw.exponent(x, y), points);
  }

  private static double[] values(List<Point> points, ToDoubleFunction<Point> value) {
    return points.stream().mapToDouble(value).toArray();
  }

  private Point point(BenchHarness harness, Lowering lowering, DenseNetConfig config) {
    var plan = harness.plan(config, lowering);
    var bytes = plan.bytesByCategory();
    var outcome =
        measure
            ? harness.measure(config, lowering, plan, List.of("--warmup=0", "--steps=1"))
            : new BenchHarness.Outcome(Optional.empty(), Optional.empty());
    return new Point(
        2 * BLOCKS * config.blockConfig().getFirst() + 4, plan.totalBytes(),
        bytes.get(Category.ACTIVATIONS) + bytes.get(Category.WORKSPACE),
        outcome.measured().map(measured -> measured.loadGrowthBytes()), outcome.refusal());
  }
}
