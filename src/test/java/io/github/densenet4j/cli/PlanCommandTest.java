package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanCommandTest {
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
            "launches_per_step", "traffic_bytes_per_step")
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
  void badModelsAreRefused() {
    CommandRun.of("plan", "--model=vgg16").refused(2, "model vgg16", "bc-100-12");
    CommandRun.of("plan", "--growth-rate=12").refused(2, "--block-config is missing", "--model");
    CommandRun.of("plan", "--block-config=2,2").refused(2, "--growth-rate is missing");
    CommandRun.of("plan", "--growth-rate=0", "--block-config=2,2").refused(2, "growth rate is 0");
    CommandRun.of("plan", "--image-size=2").refused(2, "image size 2 shrinks to nothing");
    CommandRun.of("plan", "--batch-size=0").refused(2, "--batch-size is 0");
    CommandRun.of("plan", "--batch-size=2000000000").refused(2, "--batch-size is 2000000000", "at most");
    CommandRun.of("plan", "--growth-rate=16000", "--block-config=1,1").refused(2, "parameters, at most");
    CommandRun.of("plan", "--growth-rate=16000", "--block-config=1", "--bn-size=5")
        .refused(2, "bn size 5 times growth rate 16000");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Long> bytes(Map<String, Object> plan) {
    return (Map<String, Long>) plan.get("bytes");
  }
}
