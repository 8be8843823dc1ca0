package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.OpShape;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.ElementType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchKernelsCommandTest {
  private static final String MODEL = "bc-40-12";
  private static final int BATCH = 2;

  private static Map<String, Object> figures;

  @TempDir private Path folder;

  @BeforeAll
  static void measure() {
    figures = kernels("--json").json();
  }

  private static CommandRun kernels(String... more) {
    var args = new ArrayList<>(List.of("bench", "kernels"));
    Stream.of("--model=" + MODEL, "--batch-size=" + BATCH, "--threads=2", "--rounds=1")
        .filter(usual -> Stream.of(more).noneMatch(other -> other.startsWith(usual.split("(?<==)")[0])))
        .forEach(args::add);
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static Program program(Lowering lowering) {
    var config = DenseNetConfig.named(MODEL);
    return lowering.lower(config, Recipe.paper(BATCH));
  }

  private static List<Map<?, ?>> objects(Object list) {
    return ((List<?>) list).stream().<Map<?, ?>>map(element -> (Map<?, ?>) element).toList();
  }

  private static double number(Map<?, ?> object, String key) {
    return ((Number) object.get(key)).doubleValue();
  }

  @Test
  void everyOperationIsThereOncePerShape() {
    assertThat(figures.keySet())
        .containsExactly(
            "device", "processor", "threads", "mode", "strategy", "memory", "precision", "arithmetic", "timed", "rounds",
            "ceiling", "models");
    var model = objects(figures.get("models")).getFirst();
    assertThat(model.keySet().stream().map(Object::toString))
        .containsExactly("model", "batch", "step_ms_median", "kernels");
    var found = new HashMap<OpShape, Long>();
    for (var kernel : objects(model.get("kernels"))) {
      long count = 0;
      for (var shape : objects(kernel.get("shapes"))) {
        var sizes = new LinkedHashMap<String, Object>();
        ((Map<?, ?>) shape.get("shape")).forEach((name, size) -> sizes.put((String) name, size));
        var before = found.put(new OpShape((String) kernel.get("operation"), sizes), (Long) shape.get("count"));
        assertThat(before).as("listed twice: %s", shape).isNull();
        count += (Long) shape.get("count");
      }
      assertThat(kernel.get("count")).isEqualTo(count);
    }
    assertThat(found)
        .isEqualTo(
            program(Lowerings.standard()).step().stream()
                .collect(Collectors.groupingBy(OpShape::of, Collectors.counting())));
  }

  @Test
  void figuresFollowFromTimeWorkAndCeiling() {
    var ceiling = (Map<?, ?>) figures.get("ceiling");
    double peak = number((Map<?, ?>) ceiling.get("peak_gflops_per_second"), "fp32");
    double copy = number(ceiling, "copy_gigabytes_per_second");
    var model = objects(figures.get("models")).getFirst();
    var flops =
        program(Lowerings.standard()).step().stream()
            .collect(Collectors.groupingBy(Op::stem, Collectors.summingLong(Op::flops)));
    double shares = 0;
    for (var kernel : objects(model.get("kernels"))) {
      double ms = number(kernel, "ms_per_step");
      shares += number(kernel, "share_of_step");
      double work = flops.get((String) kernel.get("operation"));
      assertThat(number(kernel, "gflops_per_second")).isCloseTo(work / ms / 1e6, within(1e-9 * (1 + work / ms / 1e6)));
      for (var shape : objects(kernel.get("shapes"))) {
        double speed = number(shape, "gflops_per_second");
        double expected =
            speed > 0
                ? speed / Math.min(peak, copy * number(shape, "flops_per_byte"))
                : number(shape, "gigabytes_per_second") / copy;
        assertThat(number(shape, "share_of_roof")).isPositive().isCloseTo(expected, within(1e-9 * (1 + expected)));
      }
    }
    assertThat(shares).as("one round: operations follow each other").isBetween(0.0, 1.0);
  }

  /** What a device in software takes for a kernel says nothing. */
  @Tag("cuda")
  @Test
  void kernelsOfTheSoftwareDeviceAreCountedNotTimed() throws Exception {
    SoftwareDevice.required();
    Path page = folder.resolve("kernels.md");
    var json = kernels("--device=cuda-software", "--markdown=" + page, "--json").json();
    assertThat(json).containsEntry("timed", false).containsEntry("precision", "bf16").doesNotContainKey("ceiling");
    var ops = program(Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.BFLOAT16)).step();
    var kernels = objects(objects(json.get("models")).getFirst().get("kernels"));
    assertThat(kernels).allSatisfy(kernel -> assertThat(kernel.containsKey("ms_per_step")).isFalse());
    assertThat(kernels.stream().mapToLong(kernel -> (Long) kernel.get("bytes")).sum())
        .isEqualTo(ops.stream().mapToLong(Op::trafficBytes).sum());
    assertThat(kernels.stream().mapToLong(kernel -> (Long) kernel.get("flops")).sum())
        .isEqualTo(ops.stream().mapToLong(Op::flops).sum());
    assertThat(page).content()
        .contains("kernels are counted, not timed", "densenet4j bench kernels --model=bc-40-12", "## bc-40-12, batch of 2")
        .contains("| bnrelu_conv3x3_fprop | ", "| GB at least |");
  }

  /** As on a GPU: operation by operation between events, then as one graph. */
  @Tag("cuda")
  @Test
  void kernelsOfAGpuAreTimedBesideTheStepAsOneGraph() {
    SoftwareDevice.required();
    var lowering = Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.BFLOAT16);
    var program = lowering.lower(DenseNetConfig.builder(4, 1).imageSize(4).build(), Recipe.paper(BATCH));
    var peaks = Map.of(ElementType.FLOAT32, 1e12, ElementType.BFLOAT16, 2e12);
    var ceiling = new Ceiling(peaks, 1e11, List.of(), LaunchTimes.NONE);
    BenchKernelTimes times;
    try (var backend = CudaBackend.software(CudaOptions.DEFAULT)) {
      times = BenchKernelsCommand.measure(backend, program, 1, ceiling);
    }
    assertThat(BenchKernelFigures.title(times)).matches(".*, batch of 2: [\\d.]+ ms a step, [\\d.]+ ms as one graph");
    var object = BenchKernelFigures.object(times);
    assertThat(number(object, "graph_ms_median")).isPositive();
    assertThat(objects(object.get("kernels")))
        .hasSizeGreaterThan(8)
        .allSatisfy(kernel -> assertThat(number(kernel, "ms_per_step")).isPositive())
        .allSatisfy(kernel -> assertThat(number(kernel, "share_of_roof")).isPositive());
  }

  @Test
  void inferenceHasItsOwnKernels() {
    var model = objects(kernels("--mode=infer", "--json").json().get("models")).getFirst();
    var inference = Lowerings.standard().lower(DenseNetConfig.named(MODEL), Workload.inference(BATCH));
    assertThat(objects(model.get("kernels")))
        .extracting(kernel -> (String) kernel.get("operation"))
        .containsExactlyInAnyOrderElementsOf(inference.step().stream().map(Op::stem).collect(Collectors.toSet()))
        .contains("bottleneck_infer");
  }

  @Test
  void printsTheCeilingFirstAndDrawsAMarkForEachShape() throws Exception {
    Path svg = folder.resolve("roofline.svg");
    var lowering = Lowerings.of(Strategy.NAIVE);
    var run = kernels("--strategy=naive", "--shapes", "--svg=" + svg).done();
    assertThat(run.out())
        .matches("(?s)ceiling of \\S+ kernels on 2 threads: [\\d.]+ GFLOP/s fp32, .*copying [\\d.]+ GB/s\\R.*")
        .contains(MODEL + ", batch of 2: ", "of roof")
        .containsPattern("(?m)^conv_fprop +\\d+ +\\d+ +[\\d.]+ ");
    var shapes = program(lowering).step().stream().map(OpShape::of).distinct().toList();
    for (var shape : shapes) {
      assertThat(run.out()).contains("  " + shape.label());
    }
    long multiplying =
        program(lowering).step().stream().filter(op -> op.flops() > 0).map(OpShape::of).distinct().count();
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    assertThat(Files.readString(svg).split("class=\"mark ", -1)).hasSize(Math.toIntExact(multiplying) + 1);
  }

  @Test
  void aFilterLeavesTheOthersOut() {
    var json = kernels("--json", "--op=bnrelu_conv3x3_bprop,sgd_nesterov").json();
    var model = objects(json.get("models")).getFirst();
    assertThat(objects(model.get("kernels")))
        .extracting(kernel -> (String) kernel.get("operation"))
        .containsExactlyInAnyOrder("bnrelu_conv3x3_bprop", "sgd_nesterov");
  }

  @Test
  void badArgumentsAreRefusedBeforeAnythingIsMeasured() {
    kernels("--op=conv1x1")
        .refused(2, "--op has conv1x1", MODEL, "choose from", "bnrelu_conv1x1_fprop", "sgd_nesterov");
    kernels("--op=sgd_nesterov", "--svg=" + folder.resolve("none.svg")).refused(2, "--svg", "--op", "linear_wgrad");
    kernels("--rounds=0").refused(2, "--rounds is 0");
    kernels("--threads=0").refused(2, "--threads is 0");
    kernels("--batch-size=0").refused(2, "--batch-size is 0");
    kernels("--batch-size=500000").refused(1, "needs", "--batch-size");
    kernels("--strategy=clever").refused(2, "--strategy", "'clever'");
    kernels("--model=bc-1-2").refused(2, "model bc-1-2", "choose one of");
    CommandRun.of("bench", "--json", "kernels").refused(2, "--json stands before kernels");
  }
}
