package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Stem;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The fused engine in bfloat16 on the software device against the processor's, operation by operation: norms of errors of a
 * few roundings, for networks of which hardly a number is a multiple of another.
 */
@Tag("cuda")
class FusedAgreementTest {
  /** Growth rates and bottlenecks of all kinds of kernels. */
  private static final List<DenseNetConfig> NETWORKS =
      List.of(
          config("odd", 7, List.of(2, 3), 11, 3, Stem.CIFAR, 2, 11),
          config("growth of 12", 12, List.of(3, 2), 24, 4, Stem.CIFAR, 3, 16),
          config("growth of 32, an odd stem", 32, List.of(2, 2), 64, 4, Stem.IMAGENET, 3, 37),
          config("wide", 40, List.of(2, 2), 80, 4, Stem.CIFAR, 3, 7),
          config("long prefix", 12, List.of(2, 1), 1100, 4, Stem.CIFAR, 3, 6),
          config("no bottleneck", 12, List.of(3, 2), 16, 0, Stem.CIFAR, 1, 14),
          config("no bottleneck, growth of 24", 24, List.of(4, 2), 18, 0, Stem.CIFAR, 1, 9));

  private static final double FORWARD = 5e-3;

  /** Rounded in every layer that comes before in the backward pass. */
  private static final double BACKWARD = 2e-2;

  private static DenseNetConfig config(
      String name, int growth, List<Integer> blocks, int init, int bottleneck, Stem stem, int channels, int size) {
    return new DenseNetConfig(name, growth, blocks, init, bottleneck, 0.6, 0, stem, channels, size, 6);
  }

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    SoftwareDevice.required();
  }

  @ParameterizedTest
  @FieldSource("NETWORKS")
  void agreesWithTheProcessor(DenseNetConfig network) {
    requireSmall(run(network, MemoryLevel.DEFAULT));
  }

  @Test
  void masksAreTheProcessors() {
    requireSmall(run(dropping("mask", 6, 4), MemoryLevel.DEFAULT));
    requireSmall(run(dropping("mask without bottleneck", 7, 0), MemoryLevel.DEFAULT));
  }

  private static DenseNetConfig dropping(String name, int growth, int bottleneck) {
    return new DenseNetConfig(name, growth, List.of(2, 2), 9, bottleneck, 0.5, 0.2, Stem.CIFAR, 3, 9, 5);
  }

  @Test
  void whatIsRecomputedHasTheSameBits() {
    var kept = trial(NETWORKS.getFirst(), MemoryLevel.DEFAULT);
    var recomputed = trial(NETWORKS.getFirst(), MemoryLevel.MINIMAL);
    assertThat(recomputed.gradientBits()).isEqualTo(kept.gradientBits());
  }

  @Test
  void bitsDoNotDependOnTheOrderOfBlocks() {
    var network = NETWORKS.get(1);
    var bits = trial(network, MemoryLevel.DEFAULT).gradientBits();
    var software = SoftwareDevice.required();
    try {
      for (String schedule : List.of("reverse", "random:7")) {
        software.set("schedule", schedule);
        software.set("drift", "1");
        assertThat(trial(network, MemoryLevel.DEFAULT).gradientBits()).as(schedule).isEqualTo(bits);
      }
    } finally {
      software.set("schedule", "forward");
      software.set("drift", "0");
    }
  }

  private static FusedTrial trial(DenseNetConfig network, MemoryLevel memory) {
    var trial = new FusedTrial(network, 3, memory);
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      trial.step(device, 1);
    }
    return trial;
  }

  private static Map<String, Double> run(DenseNetConfig network, MemoryLevel memory) {
    return trial(network, memory).errors();
  }

  private static void requireSmall(Map<String, Double> errors) {
    assertThat(errors).isNotEmpty();
    var softly = new SoftAssertions();
    errors.forEach(
        (name, error) ->
            softly.assertThat(error).as(name).isLessThanOrEqualTo(name.contains("gradient") ? BACKWARD : FORWARD));
    softly.assertAll();
  }
}
