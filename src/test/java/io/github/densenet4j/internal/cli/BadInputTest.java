package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.internal.io.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with the input, it ends in one sentence, the right exit code, and nothing half-written. */
class BadInputTest {
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir private static Path shared;
  private static Path goodData;
  private static Path goodCheckpoint;

  @TempDir private Path temporary;
  private Path data;
  private Path out;

  @BeforeAll
  static void train() throws IOException {
    goodData = shared.resolve("data");
    TestFiles.writeLearnableIdxFolder(goodData, 60, 20, 8);
    CommandRun.train(goodData, shared.resolve("run"), "--epochs=1", "--batch-size=20").done();
    goodCheckpoint = shared.resolve("run/checkpoint-last.safetensors");
  }

  @BeforeEach
  void writeData() throws IOException {
    data = temporary.resolve("data");
    out = temporary.resolve("run");
    TestFiles.writeLearnableIdxFolder(data, 60, 20, 8);
  }

  private void trainingFails(String source, String... parts) {
    CommandRun.of("train", "--data=" + source, "--model=bc-40-12", "--batch-size=2", "--out=" + out)
        .refused(1, parts);
    assertThat(out).doesNotExist();
  }

  private void trainingAndEvaluationFail(String source, String... parts) {
    trainingFails(source, parts);
    CommandRun.of("evaluate", "--data=" + source, "--checkpoint=" + goodCheckpoint).refused(1, parts);
  }

  // Data

  @Test
  void aMissingDataFolder() {
    trainingAndEvaluationFail("idx:" + temporary.resolve("absent"), temporary.resolve("absent").toString(), "missing");
    trainingFails("cifar10:" + temporary.resolve("absent"), "missing");
  }

  @Test
  void anEmptyDataFolder() throws IOException {
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    trainingAndEvaluationFail("idx:" + empty, empty.toString(), "empty", IMAGES);
    trainingFails("cifar100:" + empty, empty.toString(), "empty", "train.bin");
  }

  @Test
  void anUnknownKindOfData() {
    CommandRun.of("train", "--data=mnist", "--out=" + out).refused(2, "'mnist'", "idx:DIR");
    CommandRun.of("train", "--data=idx:", "--out=" + out).refused(2, "'idx:'", "idx:DIR");
    assertThat(out).doesNotExist();
  }

  @Test
  void damagedIdxFiles() throws IOException {
    byte[] good = Files.readAllBytes(data.resolve(IMAGES));
    Files.write(data.resolve(IMAGES), Arrays.copyOf(good, good.length - 1));
    trainingAndEvaluationFail("idx:" + data, IMAGES, "truncated");
    Files.write(data.resolve(IMAGES), Arrays.copyOf(good, good.length + 1));
    trainingAndEvaluationFail("idx:" + data, IMAGES, "oversized");
    Files.write(data.resolve(IMAGES), Arrays.copyOf(good, 3));
    trainingAndEvaluationFail("idx:" + data, IMAGES);
    good[3] = 1;
    Files.write(data.resolve(IMAGES), good);
    trainingAndEvaluationFail("idx:" + data, IMAGES, "magic number 0x00000801", "0x00000803");
  }

  @Test
  void aCorruptGzipFile() throws IOException {
    byte[] packed = TestFiles.gzip(Files.readAllBytes(data.resolve(IMAGES)));
    Files.delete(data.resolve(IMAGES));
    Path file = data.resolve(IMAGES + ".gz");
    packed[packed.length / 2] ^= 0x55;
    Files.write(file, packed);
    trainingAndEvaluationFail("idx:" + data, file.toString());
    Files.write(file, Arrays.copyOf(packed, packed.length / 2));
    trainingAndEvaluationFail("idx:" + data, file.toString());
    Files.writeString(file, "no gzip file at all, but some plain text");
    trainingAndEvaluationFail("idx:" + data, file.toString());
  }

  @Test
  void damagedCifarFiles() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("cifar"));
    Path train = folder.resolve("train.bin");
    byte[] good = TestFiles.concat(TestFiles.cifarRecord(1, 3, 5), TestFiles.cifarRecord(2, 19, 99));
    Files.write(folder.resolve("test.bin"), good);
    Files.write(train, Arrays.copyOf(good, good.length - 1));
    trainingFails("cifar100:" + folder, train.toString(), "truncated or oversized");
    try (var file = new RandomAccessFile(train.toFile(), "rw")) {
      file.setLength(50_001L * 3074);
    }
    trainingFails("cifar100:" + folder, train.toString(), "truncated or oversized");
  }

  @Test
  void labelsOutOfRange() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("cifar"));
    Files.write(folder.resolve("train.bin"), TestFiles.cifarRecord(1, 3, 100));
    Files.write(folder.resolve("test.bin"), TestFiles.cifarRecord(1, 3, 5));
    trainingFails("cifar100:" + folder, "train.bin", "label 100 of image 0", "0 to 99");

    var labels = new int[60];
    labels[59] = 10;
    Files.write(data.resolve(LABELS), TestFiles.idxLabels(labels));
    trainingAndEvaluationFail("idx:" + data, LABELS, "label 10 of image 59", "0 to 9");
  }

  // Checkpoints

  private void checkpointFails(Path file, String... parts) throws IOException {
    CommandRun.of("evaluate", "--data=idx:" + goodData, "--checkpoint=" + file).refused(1, parts);
    CommandRun.of("predict", "--checkpoint=" + file, image("grey.png", 8, 8).toString()).refused(1, parts);
    out = Files.createDirectories(temporary.resolve("resumed"));
    Files.copy(shared.resolve("run/config.json"), out.resolve("config.json"));
    Path last = Files.copy(file, out.resolve("checkpoint-last.safetensors"));
    String[] inRun =
        Arrays.stream(parts).map(part -> part.replace(file.toString(), last.toString())).toArray(String[]::new);
    CommandRun.train(goodData, out, "--epochs=1", "--batch-size=20", "--resume").refused(1, inRun);
    try (var files = Files.list(out)) {
      assertThat(files).hasSize(2);
    }
    Files.delete(out.resolve("config.json"));
    Files.delete(last);
  }

  private Path damaged(byte[] bytes) throws IOException {
    return Files.write(temporary.resolve("damaged.safetensors"), bytes);
  }

  @Test
  void aMissingCheckpoint() {
    String absent = temporary.resolve("absent.safetensors").toString();
    CommandRun.of("evaluate", "--data=idx:" + goodData, "--checkpoint=" + absent).refused(1, absent, "does not exist");
  }

  @Test
  void aTruncatedCheckpoint() throws IOException {
    byte[] good = Files.readAllBytes(goodCheckpoint);
    for (int length : new int[] {0, 7, 8, 100, good.length / 2, good.length - 1}) {
      Path file = damaged(Arrays.copyOf(good, length));
      checkpointFails(file, file.toString(), " bytes");
    }
  }

  @Test
  void aCheckpointOfAnotherModel() throws IOException {
    var file = Checkpoints.edit(goodCheckpoint, header -> header.replace("growth_rate\\\":4", "growth_rate\\\":5"));
    checkpointFails(damaged(file), "is of another model than it says");
    Path larger = temporary.resolve("larger");
    Path trained = temporary.resolve("trained");
    TestFiles.writeLearnableIdxFolder(larger, 20, 20, 12);
    CommandRun.train(larger, trained, "--epochs=1", "--batch-size=20").done();
    Path last = trained.resolve("checkpoint-last.safetensors");
    CommandRun.of("evaluate", "--data=idx:" + goodData, "--checkpoint=" + last).refused(2, "12x12", "8x8");
  }

  @Test
  void aCheckpointWhoseNormalizationIsOfOtherImages() throws IOException {
    byte[] file =
        Checkpoints.edit(
            goodCheckpoint,
            header -> header.replace("mean\\\":[", "mean\\\":[1.0,").replace("std\\\":[", "std\\\":[1.0,"));
    checkpointFails(damaged(file), "have 1 channels", "its normalisation has 2");
  }

  @Test
  void aCheckpointWithWeightsThatAreNotNumbers() throws IOException {
    byte[] bytes = Files.readAllBytes(goodCheckpoint);
    var values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int start = Checkpoints.dataStart(goodCheckpoint) + Checkpoints.begin(goodCheckpoint, "classifier.weight");
    values.putFloat(start, Float.NaN);
    checkpointFails(damaged(bytes), "classifier.weight", "NaN");
  }

  @Test
  void aCheckpointWithOffsetsThatOverlapOrLeaveTheFile() throws IOException {
    String tensor = "classifier.weight";
    int begin = Checkpoints.begin(goodCheckpoint, tensor);
    byte[] beyond = Checkpoints.move(goodCheckpoint, tensor, begin + 1_000_000);
    checkpointFails(damaged(beyond), "'classifier.", "hole");
    byte[] negative = Checkpoints.move(goodCheckpoint, tensor, -4);
    checkpointFails(damaged(negative), tensor, "-4");
    byte[] overlapping = Checkpoints.move(goodCheckpoint, tensor, begin - 4);
    checkpointFails(damaged(overlapping), tensor, "overlap");
  }

  @Test
  void aCheckpointWhoseHeaderClaimsFourGigabytes() throws IOException {
    byte[] bytes = Files.readAllBytes(goodCheckpoint);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 4L << 30);
    checkpointFails(damaged(bytes), "header of 4294967296 bytes");
  }

  @Test
  void aCheckpointWithAFlippedBit() throws IOException {
    byte[] good = Files.readAllBytes(goodCheckpoint);
    int data = Checkpoints.dataStart(goodCheckpoint);
    for (int at : new int[] {data + 4001, good.length - 3}) { // in the fraction of a value
      byte[] bytes = good.clone();
      bytes[at] ^= 0x10;
      checkpointFails(damaged(bytes), "is damaged: its tensors do not have the checksum that it states");
    }
  }

  @Test
  void aCheckpointWithANegativeVariance() throws IOException {
    byte[] bytes = Files.readAllBytes(goodCheckpoint);
    String tensor = "features.norm5.running_var";
    int start = Checkpoints.dataStart(goodCheckpoint) + Checkpoints.begin(goodCheckpoint, tensor);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(start, -0.25f);
    checkpointFails(damaged(bytes), tensor, "-0.25");
  }

  @Test
  void aCheckpointWithTooFewClassNames() throws IOException {
    checkpointFails(damaged(edited("\"0\",\"1\"", "\"1\"")), "10 classes, but 9 class names");
  }

  @Test
  void aCheckpointWhoseDescriptionsAreIncompleteOrWrong() throws IOException {
    String part = "cannot be used: its description of the ";
    checkpointFails(damaged(edited("\"growth_rate\":4,", "")), part + "model is incomplete: it has no growth_rate");
    checkpointFails(damaged(edited("growth_rate\":4", "growth_rate\":0")), part + "model is wrong: growth rate is 0");
    checkpointFails(damaged(edited("growth_rate\":4", "growth_rate\":\"a\"")), "its growth_rate has a");
    checkpointFails(damaged(edited("growth_rate\":4", "growth_rate\":4.5")), "4.5, expected a whole number");
    checkpointFails(damaged(edited("growth_rate\":4", "growth_rate\":99999999999")), "expected a smaller number");
    checkpointFails(damaged(edited("block_config\":[2,2]", "block_config\":[2,null]")), "its block_config has null");
    checkpointFails(damaged(edited("block_config\":[2,2]", "block_config\":[60000,2]")), "cannot be used: ");
    checkpointFails(damaged(edited("\"stem\":\"cifar\"", "\"stem\":\"oak\"")), "its stem has oak");
    checkpointFails(damaged(edited("\"std\":[", "\"std\":[0.0,")), "cannot be used: ");
  }

  /** The checkpoint with something replaced in its metadata, whose quotes are escaped in the file. */
  private static byte[] edited(String before, String after) throws IOException {
    return Checkpoints.edit(
        goodCheckpoint, header -> header.replace(before.replace("\"", "\\\""), after.replace("\"", "\\\"")));
  }

  @Test
  void progressThatNoTrainingCanHaveComeTo() throws IOException {
    progressFails("\"epoch\":1", "\"epoch\":-1", "its epoch is -1, expected 0 to 1");
    progressFails("\"epoch\":1", "\"epoch\":2", "its epoch is 2");
    progressFails("\"epoch\":1", "\"epoch\":0", "its step is 3, expected 0");
    progressFails("\"batch\":0", "\"batch\":1", "its batch is 1, expected 0");
    progressFails("\"step\":3", "\"step\":4", "its step is 4, expected 3");
    progressFails("\"step\":3", "\"step\":-9223372036854775808", "its step is -9");
    progressFails("\"loss_sum\":0.0", "\"loss_sum\":1.5", "its loss_sum is 1.5, expected 0");
    progressFails("\"correct\":0", "\"correct\":1", "its correct is 1, expected 0");
    progressFails("\"best_accuracy\":", "\"best_accuracy\":1", "its best_accuracy is 1");
    progressFails("\"best_epoch\":1", "\"best_epoch\":0", "its best_epoch is 0, expected 1");
    progressFails("\"history\":[[1,", "\"history\":[[2,", "its history has in place 1");
    progressFails("\"history\":[[1,", "\"history\":[[1,0.5,", "its history has [1, 0.5");
    progressFails("\"lr\":0.1", "\"lr\":null", "training is incomplete: it has no lr");
    progressFails("\"batch_size\":20", "\"batch_size\":0", "training is wrong: batch size is 0");
    progressFails("\"device\":\"cpu\"", "\"device\":7", "its device has 7");
  }

  private void progressFails(String before, String after, String part) throws IOException {
    out = Files.createDirectories(temporary.resolve("resumed"));
    Path last = Files.write(out.resolve("checkpoint-last.safetensors"), edited(before, after));
    CommandRun.train(goodData, out, "--epochs=1", "--batch-size=20", "--resume").refused(1, last.toString(), part);
  }

  @Test
  void aCheckpointOfAnotherDeviceIsUsedButNotResumed() throws IOException {
    out = Files.createDirectories(temporary.resolve("resumed"));
    byte[] other = edited("\"device\":\"cpu\"", "\"device\":\"cuda\"");
    Path last = Files.write(out.resolve("checkpoint-last.safetensors"), other);
    CommandRun.of("evaluate", "--data=idx:" + goodData, "--checkpoint=" + last).done();
    CommandRun.of("predict", "--checkpoint=" + last, image("grey.png", 8, 8).toString()).done();
    String[] resume = {"--epochs=1", "--batch-size=20", "--resume"};
    CommandRun.train(goodData, out, resume)
        .refused(2, out + " was started with --device cuda, now it is cpu", "--allow-different-bits");
    CommandRun.train(goodData, out, "--epochs=1", "--batch-size=20", "--resume", "--allow-different-bits").done();
  }

  @Test
  void aCheckpointOfAnotherProcessorIsResumedWithAWarning() throws IOException {
    out = Files.createDirectories(temporary.resolve("resumed"));
    byte[] other =
        Checkpoints.edit(
            goodCheckpoint, header -> header.replaceFirst("processor(\\\\\":\\\\\")[a-z0-9_]+", "processor$1altivec"));
    Files.write(out.resolve("checkpoint-last.safetensors"), other);
    var run = CommandRun.train(goodData, out, "--epochs=1", "--batch-size=20", "--resume").done();
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("densenet4j: warning: the training was computed by altivec and goes on by ")
        .contains("it is no longer promised to end in the bits of a training that was not stopped");
  }

  // Folders

  @Test
  void resumingATrainingOfAnotherConfiguration() throws IOException {
    Path run = temporary.resolve("copy");
    Files.createDirectories(run);
    try (var files = Files.list(shared.resolve("run"))) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(file.getFileName()));
      }
    }
    byte[] before = Files.readAllBytes(run.resolve("checkpoint-last.safetensors"));
    CommandRun.train(goodData, run, "--epochs=2", "--batch-size=20", "--resume")
        .refused(2, run.toString(), "epochs 1", "2");
    CommandRun.train(goodData, run, "--epochs=1", "--batch-size=10", "--resume").refused(2, "batch_size 20", "10");
    CommandRun.train(goodData, run, "--epochs=1", "--batch-size=20").refused(2, run.toString(), "--resume", "--out");
    assertThat(run.resolve("checkpoint-last.safetensors")).hasBinaryContent(before);
  }

  @Test
  void anOutputFolderThatCannotBeWritten() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "not a folder");
    CommandRun.train(data, file.resolve("run"), "--epochs=1", "--batch-size=20")
        .refused(1, file.resolve("run").toString(), "is a file, expected a folder");
    CommandRun.train(data, file, "--epochs=1", "--batch-size=20").refused(1, file.toString(), "expected a folder");
    assertThat(file).hasContent("not a folder");
    var refused = CommandRun.train(data, "/proc/densenet4j", "--epochs=1", "--batch-size=20");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .startsWith("densenet4j: cannot use /proc/densenet4j as the output folder")
        .hasLineCount(1);
  }

  // Images

  @Test
  void filesThatAreNoImages() throws IOException {
    Path text = Files.writeString(temporary.resolve("notes.txt"), "some notes, and no picture at all");
    String good = image("good.png", 8, 8).toString();
    CommandRun.of("predict", "--checkpoint=" + goodCheckpoint, good).done();
    CommandRun.of("predict", "--checkpoint=" + goodCheckpoint, text.toString())
        .refused(1, text.toString(), "not a PNG or JPEG image");
    var some = CommandRun.of("predict", "--checkpoint=" + goodCheckpoint, good, text.toString(), good);
    assertThat(some.exitCode()).isEqualTo(1);
    assertThat(some.err()).startsWith("densenet4j: " + text).hasLineCount(1);
    assertThat(some.out().lines().filter(good::equals)).hasSize(2);
    var json = CommandRun.of("predict", "--json", "--checkpoint=" + goodCheckpoint, good, text.toString());
    assertThat((List<?>) Json.parse(json.out(), "stdout").get("images"))
        .satisfiesExactly(
            image -> assertThat(((Map<?, ?>) image).keySet()).hasToString("[file, predictions]"),
            image -> assertThat(((Map<?, ?>) image).keySet()).hasToString("[file, error]"));
    CommandRun.of("predict", "--checkpoint=" + goodCheckpoint, temporary.toString()).refused(1, "is not a file");
  }

  @Test
  void anImageOfFortyThousandByFortyThousandPixels() throws IOException {
    var header = ByteBuffer.allocate(13).putInt(40_000).putInt(40_000).put(TestFiles.bytes(8, 2, 0, 0, 0)).array();
    byte[] bytes =
        TestFiles.concat(
            TestFiles.bytes(0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'),
            chunk("IHDR", header), chunk("IDAT", new byte[16]), chunk("IEND", new byte[0]));
    Path file = Files.write(temporary.resolve("huge.png"), bytes);
    CommandRun.of("predict", "--checkpoint=" + goodCheckpoint, file.toString())
        .refused(1, file.toString(), "40000 x 40000 pixels", "at most 30000 on a side");
  }

  private static byte[] chunk(String type, byte[] body) {
    byte[] named = TestFiles.concat(type.getBytes(StandardCharsets.US_ASCII), body);
    var crc = new CRC32();
    crc.update(named);
    return ByteBuffer.allocate(body.length + 12).putInt(body.length).put(named).putInt((int) crc.getValue()).array();
  }

  private Path image(String name, int width, int height) throws IOException {
    Path file = temporary.resolve(name);
    var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  // Numbers

  @Test
  void aLossThatBecomesNotANumber() throws IOException {
    var run = CommandRun.train(data, out, "--epochs=9", "--batch-size=20", "--lr=1e30", "--checkpoint-every=1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("densenet4j: ").hasLineCount(1);
    assertThat(run.err()).containsPattern("at step \\d+ with rate 1\\.0E30").contains("--lr");
    assertThat(run.out()).doesNotContain("held-out accuracy:");
    Path last = out.resolve("checkpoint-last.safetensors");
    assertThat(run.err()).contains("the last good checkpoint is " + last);
    CommandRun.of("evaluate", "--data=idx:" + goodData, "--checkpoint=" + last).done();
    try (var files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "metrics.csv", "checkpoint-last.safetensors");
    }
  }

  @Test
  void anEmptyNameIsNotThePresentFolder() {
    CommandRun.train(goodData, "").refused(2, "--out", "it is empty, expected the name of a file or folder");
    CommandRun.of("predict", "--checkpoint=", "a.png").refused(2, "--checkpoint", "it is empty");
  }

  @Test
  void aTrainingDoesNotWaitForTheReaderOfAPipe() throws Exception {
    Files.createDirectory(out);
    for (String name : List.of("config.json", "report.html")) {
      Path pipe = out.resolve(name);
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor()).isZero();
      CommandRun.train(goodData, out, "--epochs=1", "--batch-size=20")
          .refused(1, "cannot write " + pipe + ": it is a pipe or a device, expected a regular file");
      Files.delete(pipe);
    }
  }
}
