package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;

class PlanCommandTest {
  /** What makes a named model a network of six layers, which is planned at once. */
  private static final String SHALLOW = "--block-config=2,2,2";

  private static Map<String, Object> plan(String... options) {
    var args = new String[options.length + 2];
    args[0] = "plan";
    args[1] = "--json";
    System.arraycopy(options, 0, args, 2, options.length);
    return CommandRun.of(args).json();
  }

  @Test
  void jsonHasTheKeysOfTheContract() {
    var plan = plan();
    assertThat(plan)
        .containsOnlyKeys(
            "model", "strategy", "memory", "device", "precision", "batch", "parameter_count", "bytes",
            "lower_bound_bytes", "peak", "blocks", "launches_per_step", "traffic_bytes_per_step")
        .containsEntry("model", "bc-100-12")
        .containsEntry("strategy", "fused")
        .containsEntry("memory", "default")
        .containsEntry("device", "cpu")
        .containsEntry("precision", "fp32")
        .containsEntry("batch", 64L)
        .containsEntry("parameter_count", 769_162L);
    assertThat(bytes(plan).keySet())
        .containsExactly(
            "parameters", "gradients", "optimizer", "activations", "workspace", "staging", "total");
  }

  @Test
  void thePartsAddUpToTheTotal() {
    var bytes = bytes(plan("--model=densenet121", "--batch-size=2"));
    long sum = bytes.values().stream().mapToLong(Long::longValue).sum();
    assertThat(sum).isEqualTo(2 * bytes.get("total"));
  }

  @Test
  void inferenceNeedsNoGradients() {
    var bytes = bytes(plan("--infer"));
    assertThat(bytes).containsEntry("gradients", 0L).containsEntry("optimizer", 0L);
    assertThat(bytes.get("activations")).isLessThan(bytes(plan()).get("activations"));
    assertThat((Long) plan("--infer").get("launches_per_step"))
        .isLessThan((Long) plan().get("launches_per_step"));
  }

  @Test
  void numbersChangeANamedModelOrDescribeOneOfTheirOwn() {
    assertThat(plan("--model=bc-100-12", "--growth-rate=12", "--classes=100"))
        .containsEntry("model", "bc-100-12")
        .containsEntry("parameter_count", 800_032L);
    assertThat(plan("--model=bc-100-12", "--growth-rate=24")).containsEntry("model", "custom");
    // bc-100-12 in numbers alone: the rest are the defaults of a BC network.
    assertThat(plan("--growth-rate=12", "--block-config=16,16,16"))
        .containsEntry("model", "custom")
        .containsEntry("parameter_count", 769_162L);
    // densenet121 likewise.
    assertThat(plan("--growth-rate=32", "--block-config=6,12,24,16", "--stem=imagenet", "--batch-size=1"))
        .containsEntry("parameter_count", 7_978_856L);
  }

  @Test
  void peopleGetATable() {
    assertThat(CommandRun.of("plan", "--infer").done().out())
        .contains("769,162 parameters", "inference of 64 images", "lower bound", "GFLOP")
        .doesNotContain("{");
  }

  @Test
  void peopleSeeThePeakAndTheBlocks() {
    assertThat(CommandRun.of("plan", "--model=bc-40-12", "--strategy=shared").done().out())
        .containsPattern("(?m)^peak +\\d+\\.\\d MiB at operation [\\d,]+, \\w+ of [a-z]+( \\d)?, (forward|backward)$")
        .containsPattern("(?m)^block +at most +at the peak$")
        .containsPattern("(?m)^stem +\\d")
        .containsPattern("(?m)^block 3 +\\d")
        .containsPattern("(?m)^transition 2 +\\d")
        .containsPattern("(?m)^head +\\d")
        .doesNotContain("largest batch");
  }

  @ParameterizedTest
  @CsvSource({"fused, default", "fused, minimal", "shared, default", "naive, default"})
  void everyStrategyIsPlannedWithinFivePercent(String strategy, String memory) {
    var plan = plan("--model=bc-40-12", "--strategy=" + strategy, "--memory=" + memory);
    assertThat(plan).containsEntry("strategy", strategy).containsEntry("memory", memory);
    long bound = (Long) plan.get("lower_bound_bytes");
    assertThat(bytes(plan).get("total")).isBetween(bound, (long) (1.05 * bound));
    var peak = (Map<?, ?>) plan.get("peak");
    assertThat(peak.keySet()).asString().isEqualTo("[index, operation, phase, block, bytes]");
    assertThat(peak.get("bytes")).isEqualTo(bound);
    var blocks = (List<?>) plan.get("blocks");
    assertThat(blocks.stream().map(block -> (String) ((Map<?, ?>) block).get("name")))
        .contains("block 1", "transition 1", "block 2", "transition 2", "block 3", "head", (String) peak.get("block"));
    assertThat(blocks)
        .allSatisfy(
            block -> {
              var facts = (Map<?, ?>) block;
              assertThat(facts.keySet()).asString().isEqualTo("[name, most_bytes, bytes_at_peak]");
              assertThat((Long) facts.get("bytes_at_peak")).isBetween(0L, (Long) facts.get("most_bytes"));
            });
  }

  @Test
  void aLimitGivesTheLargestBatchOfEachStrategy() {
    var found = (Map<?, ?>) plan("--model=bc-40-12", SHALLOW, "--memory-limit=256MiB").get("largest_batch");
    assertThat(found.keySet()).asString().isEqualTo("[fused, fused minimal, shared, naive]");
    long limit = 256L << 20;
    for (var lowering : Lowerings.all()) {
      long batch = (Long) found.get(lowering.label());
      assertThat(total(lowering, batch)).as(lowering.label()).isLessThanOrEqualTo(limit);
      assertThat(total(lowering, batch + 1)).as(lowering.label()).isGreaterThan(limit);
    }
    assertThat((Long) found.get("naive")).isLessThan((Long) found.get("fused"));
    assertThat((Long) found.get("fused")).isLessThan((Long) found.get("fused minimal"));
    assertThat((Map<?, ?>) plan("--model=bc-40-12", SHALLOW, "--memory-limit=1MB").get("largest_batch"))
        .allSatisfy((_, batch) -> assertThat(batch).isEqualTo(0L));
  }

  private static long total(Lowering lowering, long batch) {
    return bytes(
            plan(
                "--model=bc-40-12", SHALLOW, "--strategy=" + lowering.strategy().label(),
                "--memory=" + lowering.memory().label(), "--batch-size=" + batch))
        .get("total");
  }

  @Test
  void peopleReadTheLargestBatches() {
    assertThat(CommandRun.of("plan", "--model=bc-40-12", SHALLOW, "--memory-limit=10MB").done().out())
        .containsPattern("(?m)^strategy +largest batch in 9\\.5 MiB$")
        .containsPattern("(?m)^fused minimal +\\d+$")
        .containsPattern("(?m)^naive +(\\d+|none)$");
    CommandRun.of("plan", "--memory-limit=2 gigs").refused(2, "'2 gigs' is not a size such as 2GiB");
  }

  @ParameterizedTest
  @CsvSource({"fused, default", "fused, minimal", "shared, default", "naive, default"})
  void theTimelineShowsThePlan(String strategy, String memory, @TempDir Path folder) throws Exception {
    for (String kind : List.of("html", "svg")) {
      var file = folder.resolve("plan." + kind);
      CommandRun.of(
              "plan", "--model=bc-40-12", "--strategy=" + strategy, "--memory=" + memory, "--timeline=" + file)
          .done();
      var rectangles = rectangles(file);
      var lowering = LabelledLowering.of(strategy, memory);
      var config = DenseNetConfig.named("bc-40-12");
      var program = lowering.lower(config, Recipe.paper(64));
      var plan = new CpuBackend(CpuBackend.processors()).plan(program);
      // A tenth of one of the picture's 486 rows can be seen.
      double least = plan.totalBytes() / 4860.0;
      assertThat((double) rectangles.size())
          .isBetween(visible(plan, 1.1 * least), visible(plan, 0.9 * least));
      assertThat(rectangles)
          .allSatisfy(
              r -> {
                assertThat(r.left()).isBetween(78.0, r.right());
                assertThat(r.right()).isLessThanOrEqualTo(1106.0);
                assertThat(r.top()).isBetween(84.0, r.bottom());
                assertThat(r.bottom()).isLessThanOrEqualTo(570.0);
              });
      for (int i = 0; i < rectangles.size(); i++) {
        var one = rectangles.get(i);
        assertThat(rectangles.subList(i + 1, rectangles.size()).stream().filter(one::overlaps)).as("%s", one).isEmpty();
      }
    }
  }

  private static double visible(ArenaPlan plan, double least) {
    return plan.placements().stream().filter(place -> place.lifetime().buffer().bytes() >= least).count();
  }

  /** A rectangle of the picture. */
  private record Drawn(double left, double top, double right, double bottom) {
    /** Coordinates have two decimals. */
    boolean overlaps(Drawn other) {
      double hair = 0.015;
      return left < other.right - hair && other.left < right - hair && top < other.bottom - hair
          && other.top < bottom - hair;
    }
  }

  private static List<Drawn> rectangles(Path file) throws Exception {
    var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    var groups = document.getElementsByTagName("g");
    assertThat(groups.getLength()).isEqualTo(1);
    var nodes = ((Element) groups.item(0)).getElementsByTagName("rect");
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> (Element) nodes.item(i))
        .map(
            rect -> {
              double x = Double.parseDouble(rect.getAttribute("x"));
              double y = Double.parseDouble(rect.getAttribute("y"));
              return new Drawn(
                  x, y, x + Double.parseDouble(rect.getAttribute("width")),
                  y + Double.parseDouble(rect.getAttribute("height")));
            })
        .toList();
  }

  @Test
  void aTimelineThatCannotBeWrittenIsAnError(@TempDir Path folder) {
    CommandRun.of("plan", "--model=bc-40-12", "--timeline=" + folder.resolve("none").resolve("plan.html"))
        .refused(1, "cannot write", "does not exist");
  }

  @Test
  void badModelsAreRefused() {
    CommandRun.of("plan", "--model=vgg16").refused(2, "model vgg16", "bc-100-12");
    CommandRun.of("plan", "--growth-rate=12").refused(2, "--block-config is missing", "--model");
    CommandRun.of("plan", "--block-config=2,2").refused(2, "--growth-rate is missing");
    CommandRun.of("plan", "--growth-rate=0", "--block-config=2,2").refused(2, "--growth-rate is 0");
    CommandRun.of("plan", "--image-size=2").refused(2, "--image-size 2 shrinks to nothing");
    CommandRun.of("plan", "--batch-size=0").refused(2, "--batch-size is 0");
    CommandRun.of("plan", "--batch-size=2000000000").refused(2, "--batch-size is 2000000000", "at most");
    CommandRun.of("plan", "--growth-rate=1", "--block-config=65000")
        .refused(2, "--block-config has 65000 layers in all, at most 1024");
    CommandRun.of("plan", "--growth-rate=16000", "--block-config=1,1").refused(2, "parameters, at most");
    CommandRun.of("plan", "--growth-rate=16000", "--block-config=1", "--bn-size=5")
        .refused(2, "--bn-size 5 times --growth-rate 16000");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Long> bytes(Map<String, Object> plan) {
    return (Map<String, Long>) plan.get("bytes");
  }
}
