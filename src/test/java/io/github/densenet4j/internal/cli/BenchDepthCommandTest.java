package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchDepthCommandTest {
  @TempDir private Path folder;

  private static CommandRun depth(String... more) {
    var args = new ArrayList<>(List.of("bench", "depth", "--growth-rate=4", "--image-size=8"));
    args.addAll(List.of("--batch-size=4", "--threads=1"));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static List<? extends Map<?, ?>> objects(Object list) {
    return ((List<?>) list).stream().map(element -> (Map<?, ?>) element).toList();
  }

  @Test
  void plansEveryStrategyAtEveryDepth() {
    var json = depth("--depths=16,10,22", "--json").json();
    assertThat(json.keySet())
        .containsExactly("family", "growth_rate", "device", "batch", "threads", "strategies");
    var strategies = objects(json.get("strategies"));
    assertThat(strategies).extracting(one -> (String) one.get("strategy"))
        .containsExactlyInAnyOrderElementsOf(Lowerings.all().stream().map(Lowering::label).toList());
    for (var strategy : strategies) {
      var points = objects(strategy.get("points"));
      assertThat(points).extracting(point -> point.get("depth")).isEqualTo(List.of(10L, 16L, 22L));
      assertThat(points).extracting(point -> (Long) point.get("planned_bytes")).isSorted();
      assertThat(points).allSatisfy(point -> assertThat(point.get("load_rss_growth_bytes")).isNull());
      double[] bytes =
          points.stream().mapToDouble(p -> ((Long) p.get("activations_and_workspace_bytes")).doubleValue()).toArray();
      assertThat((Double) strategy.get("growth_exponent"))
          .isEqualTo(PowerLaw.exponent(new double[] {10, 16, 22}, bytes));
    }
  }

  @Test
  void plansWhatBenchPlans() {
    var json = depth("--depths=16", "--strategies=fused", "--json").json();
    var point = objects(objects(json.get("strategies")).getFirst().get("points")).getFirst();
    var bench =
        CommandRun.of(
                "bench", "--json", "--growth-rate=4", "--block-config=2,2,2", "--image-size=8", "--batch-size=4",
                "--threads=1", "--steps=1", "--warmup=0")
            .json();
    assertThat(point.get("planned_bytes")).isEqualTo(bench.get("planned_bytes"));
  }

  @Test
  void measuresAndDraws() throws Exception {
    Path html = folder.resolve("depth.html");
    Path svg = folder.resolve("depth.svg");
    var run =
        depth("--depths=10,16", "--strategies=fused", "--measure", "--html=" + html, "--svg=" + svg).done();
    assertThat(run.out())
        .startsWith("DenseNet-BC, k = 4, batch of 4, cpu, 1 thread")
        .containsPattern("L = 16 +\\d")
        .containsPattern("L = 16, measured +\\d")
        .containsPattern("growth exponent +\\d");
    assertThat(Files.readString(html)).contains("<svg", "class=\"measured\"");
    assertThat(Files.readString(svg)).startsWith("<svg xmlns").contains("class=\"measured\"");
  }

  @Test
  void refusesDepthsThatNoBlocksGive() {
    depth("--depths=40,41").refused(2, "--depths has 41");
    depth("--depths=4").refused(2, "--depths has 4");
    CommandRun.of("bench", "--json", "depth").refused(2, "--json stands before depth");
  }
}
