package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training writes and what its data are called has the same bytes under every locale. */
class LocaleTest {
  private static final List<String> LOCALES = List.of("ar-EG", "fa-IR", "tr-TR", "de-DE");
  private static final List<String> FILES =
      List.of("config.json", "checkpoint-last.safetensors", "checkpoint-best.safetensors");

  private final Locale before = Locale.getDefault();
  @TempDir private Path temporary;

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  private void train(String source, Path out) {
    CommandRun.of(
            "train", "--data=" + source, "--out=" + out, "--growth-rate=2", "--block-config=1", "--init-features=4",
            "--bn-size=1", "--epochs=1", "--batch-size=2", "--augment=cifar", "--threads=1")
        .done();
  }

  @Test
  void trainingsWriteTheSameFilesEverywhere() throws IOException {
    Path hundred = Files.createDirectory(temporary.resolve("hundred"));
    byte[] records = TestFiles.concat(TestFiles.cifarRecord(1, 3, 5), TestFiles.cifarRecord(2, 19, 99));
    Files.write(hundred.resolve("train.bin"), records);
    Files.write(hundred.resolve("test.bin"), records);
    Path ten = Files.createDirectory(temporary.resolve("ten"));
    for (String part : List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5")) {
      Files.write(ten.resolve(part + ".bin"), TestFiles.cifarRecord(part.hashCode(), 7));
    }
    Files.write(ten.resolve("test_batch.bin"), TestFiles.cifarRecord(9, 7));
    Locale.setDefault(Locale.ROOT);
    train("cifar100:" + hundred, temporary.resolve("hundred-root"));
    train("cifar10:" + ten, temporary.resolve("ten-root"));
    for (String tag : LOCALES) {
      Locale.setDefault(Locale.forLanguageTag(tag));
      train("cifar100:" + hundred, temporary.resolve("hundred-" + tag));
      train("cifar10:" + ten, temporary.resolve("ten-" + tag));
      for (String name : FILES) {
        assertThat(temporary.resolve("hundred-" + tag).resolve(name))
            .as(tag)
            .hasSameBinaryContentAs(temporary.resolve("hundred-root").resolve(name));
      }
      assertThat(Files.readString(temporary.resolve("ten-" + tag).resolve("report.html")))
          .as(tag)
          .doesNotContainPattern("[\\p{Nd}&&[^0-9]]");
      assertThat(Files.readAllLines(temporary.resolve("ten-" + tag).resolve("metrics.csv")).getLast())
          .as(tag)
          .matches("1(,[0-9.]*){7}");
    }
  }
}
