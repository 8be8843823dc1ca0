package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.internal.io.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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
  private static String data;
  private static String checkpoint;

  @BeforeAll
  static void train() throws IOException {
    TestFiles.writeLearnableIdxFolder(folder.resolve("data"), 60, 20, 8);
    CommandRun.train(folder.resolve("data"), folder.resolve("run"), "--epochs=1", "--batch-size=20").done();
    data = "--data=idx:" + folder.resolve("data");
    checkpoint = folder.resolve("run/checkpoint-last.safetensors").toString();
  }

  @Test
  void evaluateCountsEveryHeldOutImage() {
    var json = CommandRun.of("evaluate", "--json", data, "--checkpoint=" + checkpoint).json();
    assertThat(json.keySet())
        .containsExactly("model", "images", "accuracy", "top5", "top5_accuracy", "loss", "confusion");
    assertThat(json.get("images")).isEqualTo(20L);
    var cells = ((List<?>) json.get("confusion")).stream().flatMap(row -> ((List<?>) row).stream());
    assertThat(cells.mapToLong(count -> (Long) count).sum()).isEqualTo(20);
    assertThat(CommandRun.of("evaluate", data, "--checkpoint=" + checkpoint).done().out())
        .containsPattern("accuracy +\\d+\\.\\d\\d %")
        .containsPattern("top-5 +\\d+\\.\\d\\d %")
        .containsPattern("(?m)^9 +2 +\\d+\\.\\d\\d %$");
  }

  @Test
  void evaluateWarnsOfDataWithOtherClasses() throws IOException {
    Path cifar = Files.createDirectories(folder.resolve("cifar"));
    byte[] records = TestFiles.concat(TestFiles.cifarRecord(1, 0), TestFiles.cifarRecord(2, 9));
    for (int part = 1; part <= 5; part++) {
      Files.write(cifar.resolve("data_batch_" + part + ".bin"), records);
    }
    Files.write(cifar.resolve("test_batch.bin"), records);
    CommandRun.of(
            "train", "--data=cifar10:" + cifar, "--out=" + folder.resolve("pets"), "--growth-rate=2",
            "--block-config=1", "--init-features=4", "--epochs=1", "--batch-size=2")
        .done();
    String pets = "--checkpoint=" + folder.resolve("pets/checkpoint-last.safetensors");
    assertThat(CommandRun.of("evaluate", "--data=cifar10:" + cifar, pets).done().err()).isEmpty();
    Files.writeString(cifar.resolve("batches.meta.txt"), "airplane\nautomobile\nbird\nwolf\n" + "x\n".repeat(6));
    assertThat(CommandRun.of("evaluate", "--data=cifar10:" + cifar, pets).done().err())
        .isEqualTo(
            "densenet4j: warning: class 3 is cat to the network and wolf in the data, so the figures may say nothing"
                + System.lineSeparator());
  }

  @Test
  void predictNamesClassesForEachImage() throws IOException {
    Path large = folder.resolve("large.jpg");
    Path small = folder.resolve("small.png");
    ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "jpg", large.toFile());
    ImageIO.write(new BufferedImage(5, 7, BufferedImage.TYPE_BYTE_GRAY), "png", small.toFile());
    var run = CommandRun.of("predict", "--json", "--checkpoint=" + checkpoint, large.toString(), small.toString());
    assertThat(run.json().keySet()).containsExactly("model", "images");
    var images = (List<?>) run.json().get("images");
    assertThat(images).hasSize(2);
    var first = (Map<?, ?>) images.getFirst();
    assertThat(first.get("file")).isEqualTo(large.toString());
    assertThat((List<?>) first.get("predictions")).hasSize(5);

    run = CommandRun.of("predict", "--top=100", "--checkpoint=" + checkpoint, small.toString()).done();
    var lines = run.out().lines().toList();
    assertThat(lines).hasSize(11).first().isEqualTo(small.toString());
    var shares = lines.stream().skip(1).map(line -> Double.valueOf(line.strip().split(" ")[0])).toList();
    assertThat(shares).isSortedAccordingTo(Comparator.reverseOrder());
    // Each of ten shares is rounded to 0.01 %.
    assertThat(shares.stream().mapToDouble(share -> share).sum()).isCloseTo(100, within(0.05 + 1e-9));
    CommandRun.of("predict", "--top=0", "--checkpoint=" + checkpoint, small.toString()).refused(2, "--top is 0");
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
          .startsWith(
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
  void verifyFailsIfOneOfSeveralCasesDoes() throws IOException {
    Path original = Path.of(CASE);
    byte[] bytes = Files.readAllBytes(original);
    int logits = Checkpoints.dataStart(original) + Checkpoints.begin(original, "step0.logits");
    bytes[logits + 7] ^= (byte) 0x80; // the sign of a float64
    Path wrong = Files.write(folder.resolve("wrong.safetensors"), bytes);
    var run = CommandRun.of("verify", "--json", CASE, wrong.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    var json = Json.parse(run.out(), "stdout");
    assertThat(json.keySet()).containsExactly("cases", "pass");
    assertThat(json.get("pass")).isEqualTo(false);
    assertThat((List<?>) json.get("cases"))
        .extracting(result -> ((Map<?, ?>) result).get("pass"))
        .isEqualTo(List.of(true, false));
    run = CommandRun.of("verify", wrong.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("cifar_bc_small on cpu, fused: FAIL", "eval_logits");
  }

  @Test
  void verifyWithoutAFileTakesTheGoldenCases() {
    String property = "densenet4j.reference";
    String before = System.getProperty(property);
    try {
      System.setProperty(property, Path.of(CASE).getParent().toString());
      assertThat((List<?>) CommandRun.of("verify", "--json").json().get("cases")).hasSize(4);
      System.setProperty(property, folder.resolve("absent").toString());
      CommandRun.of("verify").refused(2, folder.resolve("absent").toString(), "give a FILE");
      System.clearProperty(property);
      CommandRun.of("verify").refused(2, property, "give at least one FILE");
    } finally {
      if (before != null) {
        System.setProperty(property, before);
      } else {
        System.clearProperty(property);
      }
    }
  }

  @Test
  void verifyRefusesWhatIsNoReferenceCase() {
    CommandRun.of("verify", checkpoint).refused(1, checkpoint, "is not a reference case");
  }
}
