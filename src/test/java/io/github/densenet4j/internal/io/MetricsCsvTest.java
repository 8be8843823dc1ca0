package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class MetricsCsvTest {
  private static final EpochMetrics FIRST = new EpochMetrics(1, 1.25, 0.5, 1.5, 0.4375, 0.1, 1234567.25, 12.5);
  private static final EpochMetrics SECOND =
      new EpochMetrics(2, 0.75, 0.625, Double.NaN, Double.NaN, 1e-7, 50, Double.POSITIVE_INFINITY);

  @TempDir Path folder;

  @Test
  void writesOneLineAnEpoch() {
    Path file = folder.resolve("metrics.csv");
    var table = MetricsCsv.create(file);
    assertThat(file).hasContent(MetricsCsv.HEADER + "\n");
    table.append(FIRST);
    table.append(SECOND);
    assertThat(file)
        .hasContent(
            MetricsCsv.HEADER
                + "\n1,1.25,0.5,1.5,0.4375,0.1,1234567,12.5"
                + "\n2,0.75,0.625,,,0.0000001,50,inf\n");
  }

  @Test
  void theLocaleChangesNothing() {
    Locale before = Locale.getDefault();
    Path file = folder.resolve("metrics.csv");
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      MetricsCsv.create(file).append(FIRST);
    } finally {
      Locale.setDefault(before);
    }
    assertThat(file).content().contains("\n1,1.25,0.5,");
  }

  @Test
  void readsBackWhatItWrote() {
    Path file = folder.resolve("metrics.csv");
    var table = MetricsCsv.create(file);
    var exact = new EpochMetrics(1, 1.25, 0.5, Double.NaN, 0.4375, 0.1, 62.5, Double.NEGATIVE_INFINITY);
    table.append(exact);
    table.append(SECOND);
    assertThat(MetricsCsv.read(file)).containsExactly(exact, SECOND);
    assertThat(table.rows()).containsExactly(exact, SECOND);
  }

  @Test
  void resumeDropsEpochsThatWillBeTrainedAgain() {
    Path file = folder.resolve("metrics.csv");
    var table = MetricsCsv.create(file);
    table.append(new EpochMetrics(1, 1, 0, 1, 0, 0.1, 50, 9));
    table.append(new EpochMetrics(2, 2, 0, 1, 0, 0.1, 50, 9));
    table.append(new EpochMetrics(3, 3, 0, 1, 0, 0.1, 50, 9));
    var resumed = MetricsCsv.resume(file, 1);
    assertThat(MetricsCsv.read(file)).extracting(EpochMetrics::epoch).containsExactly(1);
    resumed.append(new EpochMetrics(2, 7, 0, 1, 0, 0.1, 50, 9));
    assertThat(MetricsCsv.read(file)).extracting(EpochMetrics::trainLoss).containsExactly(1.0, 7.0);
  }

  @Test
  void resumeWithoutAFileStartsEmpty() {
    Path file = folder.resolve("metrics.csv");
    assertThat(MetricsCsv.resume(file, 0).rows()).isEmpty();
    assertThat(file).hasContent(MetricsCsv.HEADER + "\n");
  }

  @Test
  void epochsOnlyGrow() {
    var table = MetricsCsv.create(folder.resolve("metrics.csv"));
    table.append(SECOND);
    assertThatThrownBy(() -> table.append(SECOND))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epoch 2 after epoch 2");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "1,2,3           | line 2: found 3 cells, expected 8",
      "1,2,3,4,5,6,7,x | line 2: '1,2,3,4,5,6,7,x' is not an epoch and seven numbers",
      "0,2,3,4,5,6,7,8 | line 2: '0,2,3,4,5,6,7,8' is not an epoch and seven numbers",
  })
  void damagedLinesAreNamed(String line, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("metrics.csv"), MetricsCsv.HEADER + "\n" + line + "\n");
    assertThatThrownBy(() -> MetricsCsv.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ", " + message);
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("metrics.csv"), "epoch,loss\n1,2\n");
    assertThatThrownBy(() -> MetricsCsv.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file + " is no table of metrics: its first line is not epoch,train_loss");
  }

  @Test
  void repeatedEpochsAreRefused() throws IOException {
    String row = "3,2,3,4,5,6,7,8\n";
    Path file = Files.writeString(folder.resolve("metrics.csv"), MetricsCsv.HEADER + "\n" + row + row);
    assertThatThrownBy(() -> MetricsCsv.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ", line 3: epoch 3 follows epoch 3, expected growing numbers");
  }
}
