package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.cli.BenchHarness.Outcome;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.report.MemoryComparison.Measured;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchMemoryCommandTest {
  private static final List<String> TINY =
      List.of("--growth-rate=4", "--block-config=1,1,1", "--image-size=8", "--batch-size=4", "--steps=1");

  @TempDir private Path folder;

  private static CommandRun memory(String... more) {
    var args = new ArrayList<>(List.of("bench", "memory"));
    args.addAll(TINY);
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  @Test
  void comparesEveryStrategyWithNaive() {
    var json = memory("--json", "--threads=1").json();
    assertThat(json.keySet()).containsExactly("device", "batch", "threads", "steps", "rounds", "models");
    assertThat(json.get("threads")).isEqualTo(1L);
    var model = (Map<?, ?>) ((List<?>) json.get("models")).getFirst();
    var rows = ((List<?>) model.get("strategies")).stream().map(row -> (Map<?, ?>) row).toList();
    assertThat(rows).extracting(row -> (String) row.get("strategy"))
        .containsExactlyInAnyOrderElementsOf(Lowerings.all().stream().map(Lowering::label).toList());
    assertThat(rows).extracting(row -> -(Long) row.get("planned_bytes")).isSorted();
    var naive = rows.stream().filter(row -> row.get("strategy").equals("naive")).findFirst().orElseThrow();
    for (var row : rows) {
      assertThat(row.get("refused")).isNull();
      assertThat((Double) row.get("memory_ratio")).isEqualTo(ratio(row, naive, "planned_bytes"));
      assertThat((Double) row.get("activations_and_workspace_ratio")).isEqualTo(passing(row) / passing(naive));
      // Both figures went through a division by 1000 that may have rounded.
      assertThat((Double) row.get("speed_ratio")).isCloseTo(ratio(row, naive, "images_per_second"), within(1e-9));
      assertThat((Double) row.get("growth_beyond_plan"))
          .isCloseTo(
              ((Long) row.get("load_rss_growth_bytes")).doubleValue() / (Long) row.get("planned_bytes") - 1,
              within(1e-12));
      assertThat((Double) row.get("step_ms_median")).isPositive();
      assertThat((Long) row.get("peak_rss_growth_bytes")).isPositive();
    }
  }

  private static double ratio(Map<?, ?> row, Map<?, ?> other, String key) {
    return ((Number) row.get(key)).doubleValue() / ((Number) other.get(key)).doubleValue();
  }

  private static double passing(Map<?, ?> row) {
    var bytes = (Map<?, ?>) row.get("bytes");
    return (Long) bytes.get("activations") + (Long) bytes.get("workspace");
  }

  @Test
  void printsATableAndWritesAReport() throws Exception {
    Path html = folder.resolve("memory.html");
    var run = memory("--strategies=fused,fused-minimal", "--rounds=2", "--html=" + html).done();
    assertThat(run.out().lines().skip(1).findFirst().orElseThrow().strip()).isEqualTo("fused  fused minimal");
    assertThat(run.out()).startsWith("custom, batch of 4, cpu, ").containsPattern("planned +\\d").contains("images/s");
    assertThat(run.err().lines().map(line -> line.replace("measuring custom, ", "")))
        .as("in turns")
        .containsExactly("fused", "fused minimal", "fused", "fused minimal");
    assertThat(Files.readString(html)).contains("<h1>custom</h1>", "fused minimal");
  }

  @Test
  void aMemoryLimitRefusesInTheOtherProcessToo() {
    String[] limited = {"--strategies=naive,fused", "--batch-size=64", "--image-size=32", "--memory-limit=200MiB"};
    var table = CommandRun.of(huge("", limited)).done().out();
    assertThat(table)
        .containsPattern("naive was not run: .* but --memory-limit is 200 MiB: use --batch-size \\d+ or less")
        .doesNotContain("fused was not run");
  }

  @Test
  void aPlanThatDoesNotFitIsARow() {
    String[] huge = {"--strategies=fused", "--batch-size=10000000", "--image-size=8"};
    var table = CommandRun.of(huge("", huge)).done().out();
    assertThat(table)
        .containsPattern("planned +[\\d.]+ TiB")
        .containsPattern("step +–")
        .containsPattern("fused was not run: custom in batches of 10000000 with --strategy fused needs \\d+ MiB");
    var model = (Map<?, ?>) ((List<?>) CommandRun.of(huge("--json", huge)).json().get("models")).getFirst();
    var row = (Map<?, ?>) ((List<?>) model.get("strategies")).getFirst();
    assertThat((Long) row.get("planned_bytes")).isGreaterThan(1L << 40);
    assertThat(row.get("step_ms_median")).isNull();
    assertThat((String) row.get("refused")).contains("needs", "--batch-size");
  }

  private static String[] huge(String first, String... options) {
    var args = new ArrayList<>(List.of("bench", "memory", "--growth-rate=40", "--block-config=1,1"));
    args.addAll(List.of(options));
    if (!first.isEmpty()) {
      args.add(first);
    }
    return args.toArray(String[]::new);
  }

  @Test
  void aProcessThatFailsOtherwiseIsAnError() {
    var silent = new PrintStream(new ByteArrayOutputStream());
    var options = new DeviceOptions();
    new CommandLine(options)
        .registerConverter(DeviceOptions.Name.class, new Choice<>(DeviceOptions.Name.class, DeviceOptions.Name::label))
        .parseArgs("--threads=1");
    var harness = new BenchHarness(options, 2, Console.ofFiles(silent, silent));
    var config = DenseNetConfig.named("bc-40-12");
    var plan = harness.plan(config, Lowerings.standard());
    assertThatThrownBy(() -> harness.measure(config, Lowerings.standard(), plan, List.of("--warmup=-1")))
        .isInstanceOf(DeviceException.class)
        .hasMessage("bench of bc-40-12, fused, failed: --warmup is -1, it must be at least 0");
  }

  @Test
  void roundsGiveTheirMedian() {
    var rounds =
        List.of(measured(30, 3, 0.5), measured(10, 2, 0.1), measured(20, 1, 0.2));
    assertThat(Outcome.median(rounds)).isEqualTo(measured(20, 2, 0.2));
    var refused = new Outcome(Optional.empty(), Optional.of("no"));
    assertThat(Outcome.median(List.of(measured(1, 1, 1), refused))).isEqualTo(refused);
  }

  private static Outcome measured(long growth, long peak, double seconds) {
    return new Outcome(Optional.of(new Measured(growth, peak, seconds)), Optional.empty());
  }

  @Test
  void refusesWhatMeansNothing() {
    memory("--strategies=fused,best").refused(2, "--strategies has best", "naive", "fused-minimal");
    memory("--strategies=fused,fused").refused(2, "--strategies has fused twice");
    memory("--models=bc-100-12").refused(2, "--growth-rate", "--models");
    memory("--rounds=0").refused(2, "--rounds is 0");
    memory("--steps=0").refused(2, "--steps");
    CommandRun.of("bench", "memory", "--models=bc-1-1").refused(2, "bc-1-1");
    CommandRun.of("bench", "--batch-size=4", "memory").refused(2, "--batch-size stands before memory");
  }
}
