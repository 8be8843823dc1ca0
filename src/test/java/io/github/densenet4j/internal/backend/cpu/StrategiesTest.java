package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.Bits;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The strategies are ways to compute one and the same thing: they are held to each other over ten steps. */
class StrategiesTest {
  private static final int BATCH = 8;
  private static final int STEPS = 10;

  /**
   * Some tens of float32 roundings in a row, as ten steps of a few layers are. One ReLU that falls on the other side of
   * zero moves a gradient by a hundred times as much and its neighbours in later steps: hence the low learning rate, and
   * seeds with which none does.
   */
  private static final double ROUNDING = 1e-5;

  private static final double LEARNING_RATE = 0.002;
  private static final SteppedNetwork.Seeds SEEDS = new SteppedNetwork.Seeds(3, 6, 12);

  static Stream<Arguments> networks() {
    return Stream.of(
        new DenseNetConfig("bc", 7, List.of(3, 4, 3), 14, 4, 0.5, 0, Stem.CIFAR, 3, 8, 10),
        new DenseNetConfig("bc with dropout", 6, List.of(3, 2), 12, 4, 0.5, 0.2, Stem.CIFAR, 3, 9, 10),
        new DenseNetConfig("basic with dropout", 5, List.of(4, 3), 16, 0, 1, 0.2, Stem.CIFAR, 1, 8, 7),
        new DenseNetConfig("ImageNet stem", 8, List.of(2, 3), 13, 4, 0.5, 0, Stem.IMAGENET, 3, 32, 5))
        .flatMap(config -> OpHarness.INSTRUCTION_SETS.stream().map(isa -> Arguments.of(config, isa)));
  }

  /** What ten steps made of the network, and the gradients of the first and the last. */
  private record Trained(float[] first, float[] last, float[] parameters, float[] running, float[] logits) {
    int[] bits() {
      return Bits.of(first, last, parameters, running, logits);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void recomputingChangesNoBit(DenseNetConfig config, InstructionSet isa) {
    var fused = train(config, Lowerings.of(Strategy.FUSED), new CpuBackend(2, isa));
    var minimal = train(config, Lowerings.of(Strategy.FUSED, MemoryLevel.MINIMAL, Precision.FLOAT32), new CpuBackend(1, isa));
    assertThat(minimal.bits()).isEqualTo(fused.bits());
    var naive = train(config, Lowerings.of(Strategy.NAIVE), new CpuBackend(2, isa));
    var shared = train(config, Lowerings.of(Strategy.SHARED), new CpuBackend(1, isa));
    assertThat(shared.bits()).isEqualTo(naive.bits());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void fusedAndNaiveAgree(DenseNetConfig config, InstructionSet isa) {
    var fused = train(config, Lowerings.of(Strategy.FUSED), new CpuBackend(2, isa));
    var naive = train(config, Lowerings.of(Strategy.NAIVE), new CpuBackend(2, isa));
    assertThat(distance(naive.first, fused.first)).as("gradients of the first step").isLessThan(ROUNDING);
    assertThat(distance(naive.last, fused.last)).as("gradients of the last step").isLessThan(ROUNDING);
    assertThat(distance(naive.parameters, fused.parameters)).as("weights").isLessThan(ROUNDING);
    assertThat(distance(naive.running, fused.running)).as("running statistics").isLessThan(ROUNDING);
    assertThat(distance(naive.logits, fused.logits)).as("logits of an evaluation").isLessThan(ROUNDING);
  }

  /** The distance between two vectors, relative to the length of the second. */
  private static double distance(float[] found, float[] expected) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      length += (double) expected[i] * expected[i];
    }
    return Math.sqrt(difference / length);
  }

  private static Trained train(DenseNetConfig config, Lowering lowering, CpuBackend backend) {
    var program = lowering.lower(config, Workload.training(BATCH, 0.9, 1e-4));
    try (var stepped = new SteppedNetwork(new NetworkSession(backend, program), LEARNING_RATE, SEEDS)) {
      var session = stepped.step().session();
      float[] first = session.gradients();
      float[] last = stepped.steps(STEPS - 1).session().gradients();
      float[] running = session.running();
      session.infer();
      return new Trained(first, last, session.parameters(), running, session.logits());
    }
  }
}
