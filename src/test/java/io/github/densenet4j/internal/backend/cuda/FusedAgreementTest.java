package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The fused engine on the software device against the processor's, operation by operation: norms of errors of a few
 * roundings, for networks of which hardly a number is a multiple of another.
 */
@Tag("cuda")
class FusedAgreementTest {
  /** Growth rates and bottlenecks of all kinds of kernels. */
  private static final List<DenseNetConfig> NETWORKS =
      List.of(
          config("odd", 7, List.of(2, 3), 11, 3, Stem.CIFAR, 2, 11),
          config("growth of 12", 12, List.of(3, 2), 24, 4, Stem.CIFAR, 3, 12),
          config("growth of 32, an odd stem", 32, List.of(2, 2), 64, 4, Stem.IMAGENET, 3, 37),
          config("wide", 40, List.of(2, 2), 80, 4, Stem.CIFAR, 3, 7),
          config("long prefix", 12, List.of(2, 1), 1100, 4, Stem.CIFAR, 3, 6),
          config("no bottleneck", 12, List.of(3, 2), 16, 0, Stem.CIFAR, 1, 10),
          config("no bottleneck, growth of 24", 24, List.of(4, 2), 18, 0, Stem.CIFAR, 1, 9),
          config("growth of 49, bottleneck of 245", 49, List.of(2), 60, 5, Stem.CIFAR, 3, 4),
          config("growth of 64, bottleneck of 256", 64, List.of(2, 1), 70, 4, Stem.CIFAR, 3, 5),
          config("no bottleneck, growth of 57", 57, List.of(2), 30, 0, Stem.CIFAR, 3, 4),
          config("prefix of 2700", 14, List.of(2), 2686, 4, Stem.CIFAR, 1, 3));

  /** A rounding to bfloat16, and one of a product of three of TF32. */
  private static final double BFLOAT16 = 0x1p-8;

  private static final double TF32_PRODUCT = 0x1p-21;

  /**
   * Both operands and the result are rounded, on the device and, if it multiplies bfloat16, on the processor: the norm of
   * six errors of 0.41 each is 1.0. Maps of a few values, of which a norm is no mean, come to 1.65.
   */
  private static final double FORWARD = 2;

  /** Twice the error of values, of which the mean over pixels leaves less than half: 1.73 is the most. */
  private static final double VARIANCE = FORWARD;

  /** Rounded in every layer that comes before in the backward pass: up to 24 errors, 2.0; 4.4 where sums cancel. */
  private static final double BACKWARD = 5;

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
    requireSmall(network, Precision.BFLOAT16);
  }

  @ParameterizedTest
  @FieldSource("NETWORKS")
  void agreesInFloat32(DenseNetConfig network) {
    requireSmall(network, Precision.FLOAT32);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void masksAreTheProcessors(Precision precision) {
    requireSmall(dropping("mask", 6, 4), precision);
    requireSmall(dropping("mask without bottleneck", 7, 0), precision);
  }

  /** The kernels of GPUs whose blocks have 99 KB of shared memory. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void agreesWhereSharedMemoryIsLittle(Precision precision) {
    var software = SoftwareDevice.required();
    software.set("block_shared", "101376");
    try {
      requireSmall(NETWORKS.get(2), precision);
    } finally {
      software.set("block_shared", "232448");
    }
  }

  private static DenseNetConfig dropping(String name, int growth, int bottleneck) {
    return new DenseNetConfig(name, growth, List.of(2, 2), 9, bottleneck, 0.5, 0.2, Stem.CIFAR, 3, 9, 5);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void whatIsRecomputedHasTheSameBits(Precision precision) {
    var kept = trial(NETWORKS.getFirst(), MemoryLevel.DEFAULT, precision);
    var recomputed = trial(NETWORKS.getFirst(), MemoryLevel.MINIMAL, precision);
    assertThat(recomputed.gradientBits()).isEqualTo(kept.gradientBits());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void bitsDoNotDependOnTheOrderOfBlocks(Precision precision) {
    var network = NETWORKS.get(1);
    var bits = trial(network, MemoryLevel.DEFAULT, precision).gradientBits();
    var software = SoftwareDevice.required();
    try {
      for (String schedule : List.of("reverse", "random:7")) {
        software.set("schedule", schedule);
        software.set("drift", "1");
        assertThat(trial(network, MemoryLevel.DEFAULT, precision).gradientBits()).as(schedule).isEqualTo(bits);
      }
    } finally {
      software.set("schedule", "forward");
      software.set("drift", "0");
    }
  }

  /** Maps of a single pixel, statistics of two and three: gradients before them are what is left where all cancels. */
  @ParameterizedTest
  @CsvSource({"FLOAT32, 2", "FLOAT32, 3", "BFLOAT16, 2", "BFLOAT16, 3"})
  void statisticsOfTwoAndThreePixels(Precision precision, int images) {
    for (var network :
        List.of(
            config("few pixels", 12, List.of(2, 2), 24, 4, Stem.CIFAR, 3, 2),
            config("few pixels, no bottleneck", 9, List.of(2, 2), 10, 0, Stem.CIFAR, 3, 2),
            config("few pixels, growth of 32", 32, List.of(1, 1), 64, 4, Stem.CIFAR, 3, 2))) {
      var trial = new FusedTrial(network, images, MemoryLevel.DEFAULT, precision);
      step(trial);
      requireSmall(trial.errorsBesideAllGradients(), precision);
    }
  }

  private static FusedTrial trial(DenseNetConfig network, MemoryLevel memory, Precision precision) {
    return step(new FusedTrial(network, 3, memory, precision));
  }

  private static FusedTrial step(FusedTrial trial) {
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      trial.step(device, 1);
    }
    return trial;
  }

  private static void requireSmall(DenseNetConfig network, Precision precision) {
    requireSmall(trial(network, MemoryLevel.DEFAULT, precision).errors(), precision);
  }

  private static void requireSmall(Map<String, Double> errors, Precision precision) {
    double rounding = precision == Precision.FLOAT32 ? TF32_PRODUCT : BFLOAT16;
    assertThat(errors).isNotEmpty();
    var softly = new SoftAssertions();
    errors.forEach(
        (name, error) ->
            softly
                .assertThat(error)
                .as(name)
                .isLessThanOrEqualTo(rounding * roundings(name)));
    softly.assertAll();
  }

  private static double roundings(String name) {
    return name.contains("gradient") ? BACKWARD : name.contains("variance") ? VARIANCE : FORWARD;
  }
}
