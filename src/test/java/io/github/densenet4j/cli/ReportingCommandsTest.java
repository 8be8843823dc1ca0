package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JSON of the commands that report on a network or on the machine. */
class ReportingCommandsTest {
  private static final String CASE = "src/test/resources/reference/cifar_bc_small.safetensors";

  @TempDir private static Path folder;
  private static String checkpoint;

  @BeforeAll
  static void train() throws IOException {
    TestFiles.writeLearnableIdxFolder(folder.resolve("data"), 60, 20, 8);
    CommandRun.train(folder.resolve("data"), folder.resolve("run"), "--epochs=1", "--batch-size=20").done();
    checkpoint = folder.resolve("run/checkpoint-last.safetensors").toString();
  }

  @Test
  void evaluateCountsEveryHeldOutImage() {
    var json =
        CommandRun.of("evaluate", "--json", "--data=idx:" + folder.resolve("data"), "--checkpoint=" + checkpoint).json();
    assertThat(json.keySet())
        .containsExactly("model", "images", "accuracy", "top5_accuracy", "loss", "confusion");
    assertThat(json.get("images")).isEqualTo(20L);
    long counted =
        ((List<?>) json.get("confusion")).stream().flatMap(row -> ((List<?>) row).stream()).mapToLong(n -> (Long) n).sum();
    assertThat(counted).isEqualTo(20);
  }

  @Test
  void predictNamesClassesForEachImage() throws IOException {
    Path large = folder.resolve("large.jpg");
    Path small = folder.resolve("small.png");
    ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "jpg", large.toFile());
    ImageIO.write(new BufferedImage(5, 7, BufferedImage.TYPE_BYTE_GRAY), "png", small.toFile());
    var run = CommandRun.of("predict", "--json", "--checkpoint=" + checkpoint, large.toString(), small.toString());
    assertThat(run.json()).isNotEmpty();
    assertThat(run.out()).contains(large.toString(), small.toString(), "probability");
  }

  @Test
  void benchHasTheKeysOfTheContract() {
    for (String mode : List.of("train", "infer")) {
      var json =
          CommandRun.of(
                  "bench", "--json", "--growth-rate=4", "--block-config=2,2", "--image-size=8", "--batch-size=4",
                  "--steps=3", "--threads=2", "--mode=" + mode)
              .json();
      assertThat(json.keySet())
          .containsExactly(
              "model", "strategy", "memory", "device", "precision", "batch", "threads", "step_ms_median",
              "images_per_second", "gflops_per_second", "planned_bytes", "peak_rss_bytes");
      assertThat((Double) json.get("images_per_second")).isPositive();
    }
  }

  @Test
  void verifyReportsEachErrorAndPasses() {
    var json = CommandRun.of("verify", "--json", CASE).json();
    assertThat(json.keySet()).containsExactly("case", "device", "strategy", "max_error", "pass");
    assertThat(json.get("pass")).isEqualTo(true);
    assertThat(((Map<?, ?>) json.get("max_error")).keySet().stream().map(Object::toString))
        .containsExactly(
            "logits", "loss", "gradients", "running_stats", "weights_after_1", "weights_after_3", "eval_logits");
  }

  @Test
  void verifyRefusesWhatIsNoReferenceCase() {
    CommandRun.of("verify", checkpoint).refused(1, checkpoint, "is not a reference case");
  }

  @Test
  void doctorFindsTheProcessorReady() {
    assertThat(CommandRun.of("doctor", "--json").json()).isNotEmpty();
    assertThat(CommandRun.of("doctor").done().out()).contains("processors", "ready");
  }
}
