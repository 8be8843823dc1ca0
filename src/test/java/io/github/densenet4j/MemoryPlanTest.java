package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTest {
  private static final DenseNetConfig CONFIG = DenseNetConfig.builder(4, 2, 2).imageSize(8).build();
  private static final Device DEVICE = Device.cpu(1);

  private static MemoryPlan plan(int batch, Strategy strategy, MemoryLevel level) {
    return MemoryPlan.of(CONFIG, batch, strategy, level, Precision.FLOAT32, DEVICE);
  }

  @ParameterizedTest
  @CsvSource({"FUSED, DEFAULT", "FUSED, MINIMAL", "SHARED, DEFAULT", "NAIVE, DEFAULT"})
  void itsPartsAddUp(Strategy strategy, MemoryLevel level) {
    var plan = plan(4, strategy, level);
    assertThat(plan.bytesByCategory().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(plan.totalBytes());
    assertThat(plan.lowerBoundBytes()).isPositive().isLessThanOrEqualTo(plan.totalBytes());
    assertThat(plan.peak().bytes()).isEqualTo(plan.lowerBoundBytes());
    assertThat(plan.parts()).extracting(MemoryPlan.Part::name).contains("block 1", "transition 1", "block 2", "head");
    assertThat(plan.parameterCount()).isEqualTo(DenseNet.create(CONFIG, 1).parameterCount());
    assertThat(plan.operations()).isPositive();
  }

  @Test
  void theLargestBatchFitsAndTheNextDoesNot() {
    long limit = plan(9, Strategy.FUSED, MemoryLevel.DEFAULT).totalBytes();
    int largest = plan(1, Strategy.FUSED, MemoryLevel.DEFAULT).largestBatch(limit);
    assertThat(largest).isGreaterThanOrEqualTo(9);
    assertThat(plan(largest, Strategy.FUSED, MemoryLevel.DEFAULT).totalBytes()).isLessThanOrEqualTo(limit);
    assertThat(plan(largest + 1, Strategy.FUSED, MemoryLevel.DEFAULT).totalBytes()).isGreaterThan(limit);
    assertThat(plan(1, Strategy.FUSED, MemoryLevel.DEFAULT).largestBatch(1)).isZero();
  }

  @Test
  void inferenceNeedsNoGradients() {
    var plan = MemoryPlan.ofInference(CONFIG, 4, Strategy.FUSED, Precision.FLOAT32, DEVICE);
    assertThat(plan.bytesByCategory()).containsEntry("gradients", 0L).containsEntry("optimizer", 0L);
    assertThat(plan.totalBytes()).isLessThan(plan(4, Strategy.FUSED, MemoryLevel.DEFAULT).totalBytes());
  }

  @Test
  void isATableAndAPicture(@TempDir Path folder) throws Exception {
    var plan = plan(4, Strategy.FUSED, MemoryLevel.DEFAULT);
    assertThat(plan.toString())
        .startsWith("custom, training on 4 images, strategy fused on cpu\n")
        .containsPattern("(?m)^total +\\d")
        .containsPattern("(?m)^lower bound +\\d");
    plan.writeTimeline(folder.resolve("plan.svg"));
    assertThat(Files.readString(folder.resolve("plan.svg"))).startsWith("<svg");
  }

  @Test
  void whatCannotBePlannedIsRefused() {
    assertThatThrownBy(() -> plan(0, Strategy.FUSED, MemoryLevel.DEFAULT))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("batch size is 0, it must be at least 1");
    assertThatThrownBy(() -> plan(1, Strategy.NAIVE, MemoryLevel.MINIMAL))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("memory level minimal");
    assertThatThrownBy(() -> plan(1, null, MemoryLevel.DEFAULT)).hasMessage("strategy");
    assertThatThrownBy(() -> plan(1, Strategy.FUSED, null)).hasMessage("level");
    assertThatThrownBy(
            () -> MemoryPlan.of(null, 1, Strategy.FUSED, MemoryLevel.DEFAULT, Precision.FLOAT32, DEVICE))
        .hasMessage("config");
  }
}
