package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.internal.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  private static final List<String> FILES =
      List.of(
          "checkpoint-best.safetensors", "checkpoint-last.safetensors", "config.json", "metrics.csv", "report.html");

  @TempDir private Path temporary;
  private Path data;
  private Path out;

  @BeforeEach
  void writeData() throws IOException {
    data = temporary.resolve("data");
    out = temporary.resolve("run");
    TestFiles.writeLearnableIdxFolder(data, 60, 20, 8);
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void showsWhatItDoesAndWhatCameOfIt() throws IOException {
    var run = CommandRun.train(data, out, "--epochs=2", "--batch-size=20", "--threads=2").done();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern("model +custom: [\\d,]+ parameters")
        .contains("60 training and 20 held-out images of 8x8x1, 10 classes")
        .containsPattern("(?s)device +cpu \\(auto: .*\\):\\s.* on 2\\s+threads")
        .containsPattern("precision +fp32")
        .containsPattern("memory +parameters +\\S+ KiB")
        .containsPattern(" total +\\S+ [KM]iB")
        .containsPattern("epoch 2/2: loss \\d+\\.\\d+, accuracy")
        .containsPattern("(?m)^held-out accuracy: \\d+\\.\\d\\d %$")
        .containsPattern("(?m)^best epoch: [12], ")
        .contains("report: " + out.resolve("report.html"))
        .doesNotContain("\u001b", "\r");
    assertThat(run.out().lines().takeWhile(line -> !line.startsWith("epoch ")).filter(line -> !line.contains("idx:")))
        .hasSizeGreaterThan(9)
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(list(out)).isEqualTo(FILES);
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("train --data=idx:", "--epochs=2")
        .contains("<dt>strategy</dt><dd>fused</dd>", "<dt>precision</dt><dd>fp32</dd>")
        .containsPattern("<dt>written</dt><dd>20\\d\\d-\\d\\d-\\d\\d ");
  }

  @Test
  void aWeightDecayThatIsTooLargeIsCalledSo() {
    var run = CommandRun.train(data, out, "--epochs=2", "--batch-size=20", "--weight-decay=1e30");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).endsWith("try a smaller --weight-decay" + System.lineSeparator());
  }

  @Test
  void aTrainingThatIsCompleteNamesNoReportThatIsGone() throws IOException {
    CommandRun.train(data, out, "--epochs=1", "--batch-size=20").done();
    Files.delete(out.resolve("report.html"));
    assertThat(CommandRun.train(data, out, "--epochs=1", "--batch-size=20", "--resume").done().out())
        .contains("best epoch: 1").doesNotContain("report:");
  }

  @Test
  void jsonStandsAloneOnTheOutput() {
    var run = CommandRun.train(data, out, "--epochs=2", "--batch-size=20", "--json");
    var result = run.json();
    assertThat(result.keySet())
        .containsExactly(
            "model", "parameter_count", "epochs", "held_out_accuracy", "held_out_loss", "best_accuracy", "best_epoch",
            "out");
    assertThat(result).containsEntry("epochs", 2L).containsEntry("out", out.toString());
    assertThat((Double) result.get("best_accuracy")).isGreaterThanOrEqualTo((Double) result.get("held_out_accuracy"));
    assertThat(run.err()).contains("epoch 2/2: ").doesNotContain("held-out accuracy:");
  }

  @Test
  void defaultsAreThePapersAndOptionsReplaceThem() {
    var options =
        training(
            "--limit=32", "--batch-size=32", "--epochs=3", "--lr=0.05", "--schedule=cosine", "--momentum=0.8",
            "--weight-decay=0.001", "--augment=cifar", "--seed=7", "--dropout=0.25");
    assertThat(options.get("training"))
        .isEqualTo(
            Map.of(
                "epochs", 3L, "batch_size", 32L, "lr", 0.05, "schedule", "cosine", "momentum", 0.8, "weight_decay",
                0.001, "augment", "cifar", "seed", 7L));
    assertThat(options.get("model"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("dropout", 0.25)
        .containsEntry("classes", 10L);

    out = temporary.resolve("defaults");
    assertThat(training("--batch-size=60", "--epochs=1").get("training"))
        .isEqualTo(
            Map.of(
                "epochs", 1L, "batch_size", 60L, "lr", 0.1, "schedule", "step", "momentum", 0.9, "weight_decay",
                0.0001, "augment", "none", "seed", 1L));
  }

  @Test
  void schedulesCanWarmUpAndFallWithTheLoss() {
    var options = training("--batch-size=20", "--epochs=2", "--schedule=plateau", "--lr=0.2", "--warmup=3");
    assertThat(options.get("training"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("lr", 0.2)
        .containsEntry("schedule", "plateau by 0.1 after 10, warm-up 3");
  }

  @Test
  void patienceEndsATrainingThatDoesNotLearnAndResumeGoesOn() throws IOException {
    String[] options = {"--batch-size=20", "--epochs=30", "--lr=1e-9", "--patience=1"};
    var run = CommandRun.train(data, out, options).done();
    assertThat(run.out()).contains("epoch 1/30: ").doesNotContain("epoch 30/30: ").contains("report: ");
    long before = Files.readAllLines(out.resolve("metrics.csv")).size();
    CommandRun.train(data, out, Stream.concat(Stream.of(options), Stream.of("--resume")).toArray(String[]::new)).done();
    assertThat(Files.readAllLines(out.resolve("metrics.csv")).size()).isGreaterThan((int) before);
  }

  @Test
  void limitAndValidationSplitSayWhatIsTrainedOnAndHeldOut() {
    assertThat(training("--epochs=1", "--batch-size=5", "--limit=10").get("data"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("training_images", 10L)
        .containsEntry("held_out_images", 20L);
    out = temporary.resolve("split");
    assertThat(training("--epochs=1", "--batch-size=5", "--validation-split=0.1").get("data"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("training_images", 54L)
        .containsEntry("held_out_images", 6L);
    out = temporary.resolve("both");
    assertThat(training("--epochs=1", "--batch-size=5", "--validation-split=0.25", "--limit=10").get("data"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("training_images", 10L)
        .containsEntry("held_out_images", 15L);
  }

  @Test
  void theNumberOfThreadsDoesNotChangeABit() throws IOException {
    Path other = temporary.resolve("other");
    CommandRun.train(data, out, "--epochs=2", "--batch-size=20", "--threads=1", "--augment=cifar").done();
    CommandRun.train(data, other, "--epochs=2", "--batch-size=20", "--threads=2", "--augment=cifar").done();
    assertThat(other.resolve("checkpoint-last.safetensors"))
        .hasSameBinaryContentAs(out.resolve("checkpoint-last.safetensors"));
    assertThat(other.resolve("checkpoint-best.safetensors"))
        .hasSameBinaryContentAs(out.resolve("checkpoint-best.safetensors"));
  }

  @Test
  void aTrainingThatIsCompleteIsOnlyEvaluatedAgain() throws IOException {
    var first = CommandRun.train(data, out, "--epochs=2", "--batch-size=20", "--json").json();
    byte[] before = Files.readAllBytes(out.resolve("checkpoint-last.safetensors"));
    var again = CommandRun.train(data, out, "--epochs=2", "--batch-size=20", "--json", "--resume");
    assertThat(again.json()).isEqualTo(first);
    assertThat(again.err()).contains("resuming after epoch 2, step 6");
    assertThat(out.resolve("checkpoint-last.safetensors")).hasBinaryContent(before);
  }

  @Test
  void otherBitsAreForThoseWhoAllowThem() {
    String[] options = {"--epochs=2", "--batch-size=20", "--resume"};
    CommandRun.train(data, out, "--epochs=2", "--batch-size=20").done();
    CommandRun.train(data, out, with(options, "--strategy=shared"))
        .refused(
            2, out + " was started with --strategy fused, now it is shared",
            "allow other bits with --allow-different-bits", "another --out");
    CommandRun.train(data, out, with(options, "--strategy=shared", "--allow-different-bits")).done();
    CommandRun.train(data, temporary.resolve("new"), "--allow-different-bits").refused(2, "say --resume too");
  }

  private static String[] with(String[] options, String... more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void badOptionsAreRefusedBeforeAnythingIsWritten() {
    refused("--epochs=0", "--epochs is 0");
    refused("--lr=0", "--lr is 0.0");
    refused("--lr=NaN", "--lr is NaN");
    refused("--momentum=1", "--momentum is 1.0");
    refused("--weight-decay=-1", "--weight-decay is -1.0");
    refused("--dropout=1", "dropout is 1.0");
    refused("--batch-size=0", "--batch-size is 0");
    refused("--batch-size=61", "--batch-size is 61", "60 training images");
    refused("--limit=61", "--limit is 61", "60 training images");
    refused("--limit=0", "--limit is 0");
    refused("--validation-split=1", "--validation-split is 1.0", "below 1");
    refused("--validation-split=0.001", "--validation-split is 0.001", "holds out 0 of 60");
    refused("--warmup=-1", "--warmup is -1");
    refused("--patience=0", "--patience is 0");
    refused("--schedule=linear", "'linear' is not one of step, cosine, plateau");
    refused("--checkpoint-every=-1", "--checkpoint-every is -1");
    refused("--threads=0", "--threads is 0");
    refused("--device=tpu", "'tpu' is not one of auto, cpu, cuda, cuda-software");
    refused("--in-channels=3", "3 channels", "1 channels");
    refused("--image-size=16", "16x16", "8x8");
    refused("--classes=4", "4 classes", "10 classes");
    refused("--block-config=1,1,1,1,1", "--image-size 8 shrinks to nothing before block 5");
  }

  private void refused(String option, String... parts) {
    CommandRun.train(data, out, option).refused(2, parts);
    assertThat(out).doesNotExist();
  }

  /** Trains and returns what config.json says. */
  private Map<String, Object> training(String... options) {
    CommandRun.train(data, out, options).done();
    return Json.read(out.resolve("config.json"));
  }
}
