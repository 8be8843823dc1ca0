package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Bits;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cpu.Tolerance;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten training steps with dropout on the software CUDA device, beside the processor's. */
@Tag("cuda")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaAgreementTest {
  private static final DenseNetConfig BOTTLENECKS =
      new DenseNetConfig("bottlenecks", 5, List.of(2, 2), 10, 4, 0.5, 0.2, Stem.CIFAR, 3, 8, 7);
  private static final DenseNetConfig BASIC =
      new DenseNetConfig("basic", 6, List.of(3, 2), 8, 0, 1, 0.2, Stem.CIFAR, 1, 9, 5);
  private static final int BATCH = 6;
  private static final int STEPS = 10;

  /** Where bits are compared: one that is run by itself and two of a graph. */
  private static final int FEW_STEPS = 3;

  private static final double LEARNING_RATE = 0.01;

  /** With others a step in TF32 may find a ReLU on the other side of zero, which is more than its rounding. */
  private static final SteppedNetwork.Seeds SEEDS = new SteppedNetwork.Seeds(3, 5, 11);

  /** Each step multiplies what rounding has left by a little: 1e-5 is what one step may show against PyTorch. */
  private static final double TOLERANCE = STEPS * 1e-5;

  private static final double TOLERANCE_OF_GRADIENTS = STEPS * 1e-4;

  /** Convolutions and products one after the other: the stem, two a layer, the transition, the classifier. */
  private static final int PRODUCTS_OF_BOTTLENECKS = 1 + 2 * 4 + 1 + 1;

  private final Map<List<?>, Trained> usual = new HashMap<>();
  private final Map<String, Trained> afterFewSteps = new HashMap<>();
  private SoftwareCuda software;

  @BeforeAll
  void theBuildHasASoftwareDevice() {
    software = SoftwareDevice.required();
  }

  @AfterEach
  void blocksRunInTheirUsualOrder() {
    software.set("schedule", "forward");
  }

  /** What the last step and an evaluation after it left; {@code scores} are the logits of the last step. */
  private record Trained(
      double loss, float[] scores, float[] parameters, float[] velocity, float[] running, float[] gradients,
      float[] logits) {
    int[] bits() {
      return Bits.of(scores, parameters, velocity, running, gradients, logits);
    }
  }

  static Stream<Arguments> networks() {
    return Stream.of(BOTTLENECKS, BASIC)
        .flatMap(network -> Stream.of("naive", "shared", "fused").map(strategy -> Arguments.of(network, strategy)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void tenStepsAgreeWithTheProcessor(DenseNetConfig network, String strategy) {
    requireAgreement(usual(network, strategy), train(new CpuBackend(2), network, strategy, STEPS));
  }

  @Test
  void strategiesAgree() {
    for (var network : List.of(BOTTLENECKS, BASIC)) {
      requireAgreement(usual(network, "shared"), usual(network, "naive"));
      requireAgreement(usual(network, "fused"), usual(network, "naive"));
    }
  }

  private static void requireAgreement(Trained found, Trained expected) {
    requireAgreement(found, expected, TOLERANCE, TOLERANCE_OF_GRADIENTS);
  }

  private static void requireAgreement(Trained found, Trained expected, double tolerance, double ofGradients) {
    assertThat(Math.abs(found.loss - expected.loss)).isLessThan(tolerance * expected.loss);
    assertThat(error(found.scores, expected.scores)).as("logits of the last step").isLessThan(tolerance);
    assertThat(error(found.parameters, expected.parameters)).as("weights").isLessThan(tolerance);
    assertThat(error(found.running, expected.running)).as("running statistics").isLessThan(tolerance);
    assertThat(error(found.logits, expected.logits)).as("logits of an evaluation").isLessThan(tolerance);
    assertThat(error(found.gradients, expected.gradients)).as("gradients").isLessThan(ofGradients);
    assertThat(error(found.velocity, expected.velocity)).as("velocity").isLessThan(ofGradients);
  }

  /** Run again in the usual order, too. */
  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared", "fused"})
  void everyOrderOfBlocksAndWarpsGivesTheSameBits(String strategy) {
    for (String order : List.of("forward", "reverse", "random:7")) {
      software.set("schedule", order);
      requireSameBits(train(CudaOptions.DEFAULT, strategy, FEW_STEPS), afterFewSteps(strategy));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared", "fused"})
  void aGraphGivesTheBitsOfOneOperationAfterTheOther(String strategy) {
    requireSameBits(train(CudaOptions.DEFAULT.withChecked(true), strategy, FEW_STEPS), afterFewSteps(strategy));
  }

  private static void requireSameBits(Trained found, Trained expected) {
    assertThat(Double.doubleToRawLongBits(found.loss)).isEqualTo(Double.doubleToRawLongBits(expected.loss));
    assertThat(found.bits()).isEqualTo(expected.bits());
  }

  /** Without determinism, which the software cuDNN does not offer for gradients of filters without workspace. */
  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared"})
  void algorithmsWithoutWorkspaceAgreeAndNeedLess(String strategy) {
    var generous = anyOrderOfSums(CudaOptions.DEFAULT.workspaceLimit());
    var frugal = anyOrderOfSums(0);
    requireAgreement(train(generous, strategy), usual(BOTTLENECKS, strategy));
    requireAgreement(train(frugal, strategy), usual(BOTTLENECKS, strategy));
    assertThat(workspaceBytes(frugal, strategy)).isLessThan(workspaceBytes(generous, strategy));
  }

  private static CudaOptions anyOrderOfSums(long workspaceLimit) {
    return new CudaOptions(0, false, false, false, false, workspaceLimit);
  }

  /** Of all operations, whether a plan has room for them beside other buffers or not. */
  private static long workspaceBytes(CudaOptions options, String strategy) {
    try (var device = CudaBackend.software(options)) {
      return program(BOTTLENECKS, strategy).ops().stream().mapToLong(device::workspaceBytes).sum();
    }
  }

  /** The limit is a preference. */
  @Test
  void determinismTakesTheWorkspaceThatItNeeds() {
    var strict = new CudaOptions(0, false, true, false, false, 0);
    assertThat(workspaceBytes(strict, "shared")).isGreaterThan(workspaceBytes(anyOrderOfSums(0), "shared"));
    requireAgreement(train(strict, "shared"), usual(BOTTLENECKS, "shared"));
  }

  /** A step, since in later ones ReLUs lie on the other side of zero. */
  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared", "fused"})
  void tf32IsUsedAndDiffersByItsRounding(String strategy) {
    var exact = train(CudaOptions.DEFAULT, strategy, 1);
    var rounded = train(CudaOptions.DEFAULT.withTf32(true), strategy, 1);
    double tolerance = PRODUCTS_OF_BOTTLENECKS * Tolerance.ofTf32Factors(1);
    requireAgreement(rounded, exact, tolerance, 2 * tolerance); // gradients go all the way back
    assertThat(error(rounded.scores, exact.scores)).as("what TF32 changes").isGreaterThan(TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared"})
  void theDriverIsAskedForThePlannedBytesAndGetsAllBack(String strategy) {
    long before = software.count("live_bytes");
    var program = program(BOTTLENECKS, strategy);
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      var plan = device.plan(program);
      try (var network = stepped(new NetworkSession(device, program, plan))) {
        assertThat(software.count("live_bytes") - before).isEqualTo(plan.totalBytes());
        assertThat(software.count("host_bytes")).isEqualTo(device.besidesPlan(program).get("pinned_host"));
        requireOneGraphAStep(network);
        assertThat(software.count("live_bytes") - before).isEqualTo(plan.totalBytes());
      }
    }
    SoftwareDevice.requireNothingHeld();
  }

  /** The first step is checked, one operation at a time; later ones do as much in one graph. */
  private void requireOneGraphAStep(SteppedNetwork network) {
    long perStep = 0;
    for (int step = 0; step < STEPS; step++) {
      long graphs = software.count("graph_launches");
      long launches = software.count("launches");
      network.step().session().finish();
      assertThat(software.count("graph_launches") - graphs).as("graphs of step %s", step).isEqualTo(step == 0 ? 0 : 1);
      perStep = step == 0 ? software.count("launches") - launches : perStep;
      assertThat(software.count("launches") - launches).as("launches of step %s", step).isEqualTo(perStep);
    }
    assertThat(perStep).isGreaterThanOrEqualTo(network.session().program().step().size());
  }

  /** By default options; the same run serves all tests. */
  private Trained usual(DenseNetConfig network, String strategy) {
    return usual.computeIfAbsent(
        List.of(network, strategy),
        _ -> {
          try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
            return train(device, network, strategy, STEPS);
          }
        });
  }

  private Trained afterFewSteps(String strategy) {
    return afterFewSteps.computeIfAbsent(strategy, _ -> train(CudaOptions.DEFAULT, strategy, FEW_STEPS));
  }

  private static Trained train(CudaOptions options, String strategy) {
    return train(options, strategy, STEPS);
  }

  private static Trained train(CudaOptions options, String strategy, int steps) {
    try (var device = CudaBackend.software(options)) {
      return train(device, BOTTLENECKS, strategy, steps);
    }
  }

  private static Trained train(Backend backend, DenseNetConfig network, String strategy, int steps) {
    try (var stepped = stepped(new NetworkSession(backend, program(network, strategy)))) {
      var session = stepped.steps(steps).session();
      float[] scores = session.logits();
      session.infer();
      return new Trained(
          session.loss(), scores, session.parameters(), session.velocity(), session.running(), session.gradients(),
          session.logits());
    }
  }

  private static SteppedNetwork stepped(NetworkSession session) {
    return new SteppedNetwork(session, LEARNING_RATE, SEEDS);
  }

  private static Program program(DenseNetConfig network, String strategy) {
    return LabelledLowering.of(strategy).lower(network, Workload.training(BATCH, 0.9, 1e-4));
  }

  /** The largest difference, of the largest magnitude; NaN is infinite. */
  private static double error(float[] found, float[] expected) {
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return worst / largest;
  }
}
