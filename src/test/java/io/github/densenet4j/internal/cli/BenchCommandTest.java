package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.cli.BenchProcess.Outcome;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Workload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
  private static final String[] TINY = {
    "bench", "--json", "--growth-rate=4", "--block-config=2,2", "--image-size=8", "--batch-size=4", "--steps=2"
  };

  @ParameterizedTest
  @ValueSource(strings = {"train", "infer"})
  void saysWhereTheMemoryGoes(String mode) {
    var args = List.of("--mode=" + mode, "--warmup=0");
    var json = CommandRun.of(Stream.concat(Stream.of(TINY), args.stream()).toArray(String[]::new)).json();
    assertThat(json.keySet()).endsWith("jvm_rss_bytes", "load_rss_growth_bytes", "bytes");
    var bytes = (Map<?, ?>) json.get("bytes");
    assertThat(bytes.keySet().stream().map(Object::toString))
        .containsExactly("parameters", "gradients", "optimizer", "activations", "workspace", "staging", "total");
    assertThat(bytes.get("total")).isEqualTo(json.get("planned_bytes"));
    assertThat(bytes.values().stream().mapToLong(value -> (Long) value).sum())
        .isEqualTo(2 * (Long) json.get("planned_bytes"));
    assertThat((Long) json.get("jvm_rss_bytes")).isPositive().isLessThanOrEqualTo((Long) json.get("peak_rss_bytes"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "infer"})
  void profilesEveryOperationOfAStep(String mode) {
    var args = List.of("--mode=" + mode, "--profile");
    var json = CommandRun.of(Stream.concat(Stream.of(TINY), args.stream()).toArray(String[]::new)).json();
    var config = new DenseNetConfig("custom", 4, List.of(2, 2), 8, 4, 0.5, 0, Stem.CIFAR, 3, 8, 10);
    var workload = mode.equals("train") ? Workload.training(4, 0.9, 1e-4) : Workload.inference(4);
    var expected =
        Lowerings.standard().lower(config, workload).step().stream()
            .collect(Collectors.groupingBy(Op::stem, Collectors.counting()));
    var found = new HashMap<String, Long>();
    double shares = 0;
    for (var entry : (List<?>) json.get("profile")) {
      var operation = (Map<?, ?>) entry;
      found.put((String) operation.get("operation"), (Long) operation.get("count"));
      assertThat((Double) operation.get("ms_per_step")).isPositive();
      shares += (Double) operation.get("share_of_step");
    }
    assertThat(found).isEqualTo(expected);
    assertThat(shares).as("operations follow each other, so they are at most the step").isBetween(0.0, 1.0);
  }

  /** The promise of {@code --profile}; of several steps, because a step may be disturbed between two operations. */
  @Test
  void theTimesOfTheOperationsExplainTheStepWithinFivePercent() {
    var config = DenseNetConfig.named("bc-40-12");
    var program = Lowerings.standard().lower(config, Workload.training(4, 0.9, 1e-4));
    var steps = new BenchRun(1, 5, 1, true).on(new CpuBackend(2), program).steps();
    assertThat(steps).hasSize(5);
    double[] shares = steps.stream().mapToDouble(step -> step.profile().seconds() / step.seconds()).toArray();
    assertThat(BenchRun.median(shares)).isBetween(0.95, 1.0);
  }

  @Test
  void sharesOfTheFirstStepsIncludeWhatInferenceFoldsOnce() {
    var args = List.of("--mode=infer", "--warmup=0", "--profile");
    var json = CommandRun.of(Stream.concat(Stream.of(TINY), args.stream()).toArray(String[]::new)).json();
    assertThat((List<?>) json.get("profile"))
        .anySatisfy(entry -> assertThat(((Map<?, ?>) entry).get("operation")).isEqualTo("bn_fold"));
  }

  @Test
  void inferenceHasALatencyThatFewStepsExceed() {
    var tiny = List.of("bench", "--growth-rate=4", "--block-config=1", "--image-size=8", "--batch-size=1");
    var train = tiny.stream();
    assertThat(CommandRun.of(train.toArray(String[]::new)).done().out()).contains("ms (median of 10)");
    var infer = Stream.concat(tiny.stream(), Stream.of("--mode=infer")).toList();
    assertThat(CommandRun.of(infer.toArray(String[]::new)).done().out())
        .containsPattern("latency +\\d+\\.\\d\\d ms median, \\d+\\.\\d\\d ms 99th percentile \\(of 100\\)")
        .contains("images/s");
    var json =
        CommandRun.of(Stream.concat(infer.stream(), Stream.of("--json")).toArray(String[]::new)).json();
    assertThat((Double) json.get("step_ms_p99")).isGreaterThanOrEqualTo((Double) json.get("step_ms_median"));
    assertThat(CommandRun.of(TINY).json()).doesNotContainKey("step_ms_p99");
  }

  @Test
  void percentileIsTheSmallestValueThatSoManyDoNotExceed() {
    double[] hundred = IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i).toArray();
    assertThat(BenchRun.percentile(hundred, 99)).isEqualTo(99);
    assertThat(BenchRun.percentile(new double[] {3, 1, 2}, 99)).isEqualTo(3);
    assertThat(BenchRun.percentile(new double[] {3, 1, 2, 4}, 50)).isEqualTo(2);
    assertThat(BenchRun.percentile(new double[] {7}, 99)).isEqualTo(7);
  }

  /** In processes of their own; a network must be large beside what the JVM itself does in that time. */
  @ParameterizedTest
  @CsvSource({"fused, default, 128", "naive, default, 32"})
  void aProcessGrowsByWhatWasPlanned(String strategy, String memory, int batch) {
    var options = List.of("--warmup=0", "--steps=1", "--batch-size=" + batch);
    var process = new BenchProcess(DenseNetConfig.named("bc-40-12"), LabelledLowering.of(strategy, memory), options);
    var figures = ((Outcome.Measured) process.run()).figures();
    long planned = (Long) figures.get("planned_bytes");
    assertThat(planned).isGreaterThan(250L << 20);
    // 5 % is the promise; what is missing or too much is the JVM's own, a few MiB.
    assertThat((Long) figures.get("load_rss_growth_bytes")).isCloseTo(planned, withinPercentage(5));
    assertThat((Long) figures.get("peak_rss_bytes") - (Long) figures.get("jvm_rss_bytes"))
        .isCloseTo(planned, withinPercentage(5));
  }

  @Test
  void aProcessThatFailsLeavesItsSentence() {
    var process = new BenchProcess(DenseNetConfig.named("bc-40-12"), Lowerings.standard(), List.of("--steps=0"));
    assertThat(process.run()).isEqualTo(new Outcome.Failed("--steps is 0, it must be at least 1"));
  }

  @Test
  void refusesMeaninglessNumbersOfSteps() {
    CommandRun.of("bench", "--steps=0").refused(2, "--steps is 0");
    CommandRun.of("bench", "--warmup=-1").refused(2, "--warmup is -1");
  }

  @Test
  void refusesMoreThanThereIsBeforeAnythingIsAllocated() {
    CommandRun.of("bench", "--growth-rate=40", "--block-config=1,1", "--image-size=8", "--batch-size=10000000")
        .refused(1, "custom in batches of 10000000 with --strategy fused needs", "--batch-size");
  }

  @Test
  void medianOfOddAndEven() {
    assertThat(BenchRun.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(BenchRun.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    assertThat(BenchRun.median(new double[] {7})).isEqualTo(7);
  }
}
