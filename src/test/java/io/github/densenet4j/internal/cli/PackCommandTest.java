package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.DrawnFiles;
import io.github.densenet4j.data.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pack}, what trains on its files, and {@code bench data}. */
class PackCommandTest {
  @TempDir private Path folder;
  private Path idx;
  private Path packed;

  @BeforeEach
  void writeImages() throws IOException {
    idx = folder.resolve("idx");
    TestFiles.writeLearnableIdxFolder(idx, 60, 20, 8);
    packed = folder.resolve("images.pack");
  }

  private CommandRun pack(String... more) {
    var args = new ArrayList<>(List.of("pack", "--data=idx:" + idx, "--out=" + packed));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static Map<String, Object> train(String data, Path out) {
    var args = new ArrayList<>(List.of("train", "--data=" + data, "--out=" + out, "--epochs=1", "--batch-size=10"));
    args.addAll(CommandRun.TINY);
    args.addAll(List.of("--json", "--augment=cifar", "--workers=3"));
    return CommandRun.of(args.toArray(String[]::new)).json();
  }

  @Test
  void aTrainingOnAPackedSetIsThatOnTheSetItself() {
    assertThat(pack().done().out())
        .contains(packed + ": 80 images of 8x8x1, 10 classes", "KiB");
    var one = train("idx:" + idx, folder.resolve("one"));
    var other = train("pack:" + packed, folder.resolve("other"));
    for (String figure : List.of("held_out_loss", "held_out_accuracy", "best_accuracy")) {
      assertThat(other.get(figure)).as(figure).isEqualTo(one.get(figure));
    }
    var evaluated =
        CommandRun.of(
                "evaluate", "--checkpoint=" + folder.resolve("other").resolve("checkpoint-last.safetensors"),
                "--data=pack:" + packed, "--workers=2", "--json")
            .json();
    assertThat(evaluated.get("loss")).isEqualTo(other.get("held_out_loss"));
  }

  @Test
  void aTrainingSaysWhatReadingTakes() {
    pack().done();
    var args = new ArrayList<>(List.of("train", "--data=pack:" + packed, "--out=" + folder.resolve("run")));
    args.addAll(CommandRun.TINY);
    args.addAll(List.of("--epochs=1", "--batch-size=10", "--workers=2"));
    assertThat(CommandRun.of(args.toArray(String[]::new)).done().out())
        .containsPattern("reading +2 workers, 3 batches of images in memory, 1.9 KiB");
  }

  @Test
  void packedFilesAreCutAtRandomAndMeasuredLikeFiles() {
    Path files = folder.resolve("files");
    for (int i = 0; i < 24; i++) {
      String part = i % 3 == 0 ? "val" : "train";
      DrawnFiles.grey(files.resolve(part + "/dark/" + i + ".png"), 12 + i, 14, 20 + i);
      DrawnFiles.grey(files.resolve(part + "/light/" + i + ".png"), 12, 14 + i, 190 + i);
    }
    CommandRun.of("pack", "--data=folder:" + files, "--out=" + packed, "--size=12", "--channels=1").done();
    Path run = folder.resolve("run");
    var args = new ArrayList<>(List.of("train", "--data=pack:" + packed, "--out=" + run, "--epochs=1"));
    args.addAll(CommandRun.TINY);
    args.addAll(
        List.of("--batch-size=8", "--size=8", "--resize=12", "--channels=1", "--augment=imagenet", "--workers=2"));
    CommandRun.of(args.toArray(String[]::new)).done();
    String checkpoint = "--checkpoint=" + run.resolve("checkpoint-last.safetensors");
    var ofFiles = CommandRun.of("evaluate", checkpoint, "--data=folder:" + files, "--json").json();
    var ofPack = CommandRun.of("evaluate", checkpoint, "--data=pack:" + packed, "--json").json();
    assertThat(ofFiles).containsEntry("images", 16L);
    assertThat(ofPack).isEqualTo(ofFiles);
    CommandRun.of("predict", checkpoint, files.resolve("val/dark/0.png").toString()).done();
    pack("--size=8").refused(2, "options of image files are for folder:DIR, csv:FILE and pack:FILE");
    CommandRun.of("pack", "--data=pack:" + packed, "--out=" + packed, "--size=20", "--channels=1").done();
  }

  @Test
  void whatIsHeldOutAndLeftOutIsAsInATraining() {
    assertThat(pack("--validation-split=0.1", "--limit=30").done().out()).contains("36 images of 8x8x1");
  }

  @Test
  void whatCannotBeWrittenOrReadIsOneSentence() throws IOException {
    pack("--workers=-1").refused(2, "--workers is -1, it must be at least 0");
    Files.createSymbolicLink(packed, Path.of("/dev/full"));
    pack().refused(1, "cannot write " + packed + ": no space left on device");
    Files.delete(packed);
    Files.writeString(packed, "no pixels");
    CommandRun.of("bench", "data", "--data=pack:" + packed).refused(1, packed + " is no safetensors file");
  }

  @Test
  void benchDataSaysWhoWaits() {
    pack().done();
    var args = new ArrayList<>(List.of("bench", "data", "--data=pack:" + packed, "--batch-size=10", "--batches=2"));
    args.addAll(CommandRun.TINY);
    assertThat(CommandRun.of(args.toArray(String[]::new)).done().out())
        .contains("pack:" + packed, "reader, 0 workers", "reader, 1 worker ", "images/s", "together")
        .containsPattern("the (step|reader) waits for the (reader|step)");
    args.addAll(List.of("--json", "--workers=3"));
    var json = CommandRun.of(args.toArray(String[]::new)).json();
    var threads = new ArrayList<Object>();
    ((List<?>) json.get("readers")).forEach(entry -> threads.add(((Map<?, ?>) entry).get("workers")));
    assertThat(threads).contains(0L, 1L, 3L);
    double reader = (double) json.get("reader_images_per_second");
    double step = (double) json.get("step_images_per_second");
    assertThat(json.get("waits")).isEqualTo(reader < step ? "step" : "reader");
    assertThat((double) json.get("together_images_per_second")).isPositive();
  }
}
