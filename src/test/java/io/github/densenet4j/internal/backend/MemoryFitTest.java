package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryFitTest {
  private static final long MIB = 1L << 20;
  private static final long BYTES = 100 * MIB;
  private static final Backend SMALL = FakeBackend.with(BYTES);
  private static final Backend LARGE = FakeBackend.with(Long.MAX_VALUE);
  private static final List<Lowering> LOWERINGS = Lowerings.all();

  private static Program program(Lowering lowering, String model, int batch) {
    return lowering.lower(DenseNetConfig.named(model), Workload.training(batch, 0.9, 0));
  }

  private static Program program(String model, int batch) {
    return program(Lowerings.standard(), model, batch);
  }

  private static long planned(Lowering lowering, String model, int batch) {
    return LARGE.plan(program(lowering, model, batch)).totalBytes();
  }

  /** The largest batch of bc-40-12 that fits. */
  private static int largest(long bytes) {
    int largest = 30;
    assertThat(SMALL.plan(program("bc-40-12", largest)).totalBytes()).isLessThanOrEqualTo(bytes);
    while (SMALL.plan(program("bc-40-12", largest + 1)).totalBytes() <= bytes) {
      largest++;
    }
    return largest;
  }

  @Test
  void namesThePlanAndABatchThatFitsInALittleLess() {
    int largest = largest(BYTES * 7 / 8);
    assertThatThrownBy(() -> new NetworkSession(SMALL, program("bc-40-12", 1000)))
        .isInstanceOf(DeviceException.class)
        .hasMessageMatching(
            "bc-40-12 in batches of 1000 with strategy fused needs \\d+ MiB of memory "
                + "\\(activations \\d+ MiB, staging \\d+ MiB, parameters \\d+ KiB\\), but fake has only 100 MiB: use "
                + "batch size " + largest + " or less");
    new NetworkSession(SMALL, program("bc-40-12", largest)).close();
  }

  @Test
  void aLimitIsUsedToItsEnd() {
    assertThatThrownBy(() -> new NetworkSession(new LimitedBackend(LARGE, BYTES), program("bc-40-12", 1000)))
        .hasMessageEndingWith("but memory limit is 100 MiB: use batch size " + largest(BYTES) + " or less");
  }

  @Test
  void saysIfNotEvenOneImageFits() {
    assertThatThrownBy(() -> new NetworkSession(SMALL, program("bc-190-40", 2)))
        .isInstanceOf(DeviceException.class)
        .hasMessageEndingWith("use a smaller network");
  }

  @Test
  void theSmallerOfLimitAndDeviceDecides() {
    var program = program("bc-40-12", 64);
    long needed = LARGE.plan(program).totalBytes();
    var enough = new AtomicInteger();
    var device = new FakeBackend(needed, 0, enough);
    new NetworkSession(new LimitedBackend(device, needed), program).close();
    assertThatThrownBy(() -> new NetworkSession(new LimitedBackend(device, needed - 1), program))
        .hasMessageContaining("but memory limit is ");
    assertThatThrownBy(() -> new NetworkSession(new LimitedBackend(FakeBackend.with(needed - 1), needed), program))
        .hasMessageContaining("but fake has only ");
    assertThat(enough).hasValue(0);
  }

  @Test
  void nothingIsLoadedThatDoesNotFit() {
    var open = new AtomicInteger();
    var device = new LimitedBackend(new FakeBackend(Long.MAX_VALUE, 0, open), 10 * MIB);
    assertThatThrownBy(() -> new NetworkSession(device, program("bc-40-12", 64))).isInstanceOf(DeviceException.class);
    assertThat(open).hasValue(0);
  }

  @Test
  void otherStrategiesAreToldWhatFusedNeeds() {
    var naive = Lowerings.of(Strategy.NAIVE);
    long fused = planned(Lowerings.standard(), "bc-40-12", 64);
    assertThatThrownBy(() -> new NetworkSession(SMALL, program(naive, "bc-40-12", 64)))
        .hasMessageContaining("with strategy naive needs ")
        .hasMessageEndingWith(" or less, or strategy fused, which needs " + (fused + MIB - 1) / MIB + " MiB");
    var minimal = Lowerings.of(Strategy.FUSED, MemoryLevel.MINIMAL, Precision.FLOAT32);
    assertThatThrownBy(() -> new NetworkSession(SMALL, program(minimal, "bc-40-12", 1000)))
        .hasMessageContaining("with strategy fused minimal needs ")
        .hasMessageEndingWith(" or less");
  }

  /** A shallow network, since a search plans it some twenty times. */
  @ParameterizedTest
  @FieldSource("LOWERINGS")
  void theNextBatchNoLongerFits(Lowering lowering) {
    var config = new DenseNetConfig("shallow", 12, List.of(2, 2, 2), 24, 4, 0.5, 0, Stem.CIFAR, 3, 32, 10);
    for (long limit : new long[] {20 * MIB, BYTES, 1000 * MIB + 1}) {
      for (int begin : new int[] {1, 64, 5000}) {
        var workload = Workload.training(begin, 0.9, 0);
        int batch = LargestBatch.of(LARGE, lowering, config, workload, limit);
        assertThat(planned(lowering, config, workload.withBatch(batch))).isLessThanOrEqualTo(limit);
        assertThat(planned(lowering, config, workload.withBatch(batch + 1))).isGreaterThan(limit);
      }
    }
  }

  private static long planned(Lowering lowering, DenseNetConfig config, Workload workload) {
    return LARGE.plan(lowering.lower(config, workload)).totalBytes();
  }

  /** Batch normalisation of a single pixel needs two images, and a Java array holds only so many. */
  @Test
  void theSearchKeepsToBatchesThatTheNetworkCanHave() {
    var config = new DenseNetConfig("pixel", 2, List.of(1, 1), 2, 0, 0.5, 0, Stem.CIFAR, 1, 2, 2);
    var workload = Workload.training(64, 0.9, 0);
    long two = LARGE.plan(Lowerings.standard().lower(config, workload.withBatch(2))).totalBytes();
    assertThat(LargestBatch.of(LARGE, Lowerings.standard(), config, workload, two)).isGreaterThanOrEqualTo(2);
    assertThat(LargestBatch.of(LARGE, Lowerings.standard(), config, workload, 1)).isZero();
    int images = (Integer.MAX_VALUE - 8) / 4;
    assertThat(LargestBatch.of(LARGE, Lowerings.standard(), config, workload, Long.MAX_VALUE)).isEqualTo(images);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void aLimitIsAtLeastOneByte(long limit) {
    assertThatThrownBy(() -> new LimitedBackend(SMALL, limit)).isInstanceOf(ConfigurationException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {64, -64})
  void whatIsAllocatedMustBeThePlan(long surplus) {
    var open = new AtomicInteger();
    var program = program("bc-40-12", 2);
    assertThatThrownBy(() -> new NetworkSession(new FakeBackend(Long.MAX_VALUE, surplus, open), program))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("allocated " + (LARGE.plan(program).totalBytes() + surplus) + " bytes")
        .hasMessageContaining("the plan has " + LARGE.plan(program).totalBytes());
    assertThat(open).hasValue(0);
  }
}
