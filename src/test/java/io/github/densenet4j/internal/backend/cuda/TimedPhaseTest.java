package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.StepProfile;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps whose operations are timed: launched one by one, or as graphs. */
@Tag("cuda")
class TimedPhaseTest {
  private static final int PHASES = 3; // forward, backward, update

  private SoftwareCuda software;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    software = SoftwareDevice.required();
  }

  @AfterEach
  void everythingIsGivenBack() {
    SoftwareDevice.requireNothingHeld();
  }

  /** With and without libraries, and with kernels beside others and put aside. */
  static List<Lowering> lowerings() {
    return List.of(
        Lowerings.of(Strategy.SHARED), Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.BFLOAT16),
        Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.FLOAT32));
  }

  private SteppedNetwork network(CudaBackend backend, Lowering lowering) {
    var program = lowering.lower(SteppedNetwork.program().config(), Workload.training(4, 0.9, 1e-4));
    return new SteppedNetwork(new NetworkSession(backend, program), 0.1, new SteppedNetwork.Seeds(1, 2, 3));
  }

  /** Three steps on the same images, after one without times. */
  private int[] timed(CudaBackend backend, Lowering lowering, boolean replayed, int graphs) {
    try (var network = network(backend, lowering)) {
      var session = network.step().session();
      session.finish();
      long before = software.count("graph_launches");
      for (int i = 1; i <= 3; i++) {
        var profile = new StepProfile(session.program(), replayed);
        session.step(0.1, i, 3, profile);
        session.finish();
        assertThat(profile.seconds()).isPositive();
        assertThat(profile.timed()).hasSizeGreaterThan(session.program().step().size() / 2);
      }
      assertThat(software.count("graph_launches") - before).isEqualTo(graphs);
      return network.state();
    }
  }

  private int[] untimed(CudaBackend backend, Lowering lowering) {
    try (var network = network(backend, lowering)) {
      var session = network.step().session();
      for (int i = 1; i <= 3; i++) {
        session.step(0.1, i, 3);
      }
      return network.state();
    }
  }

  @ParameterizedTest
  @MethodSource("lowerings")
  void aStepIsTheSame(Lowering lowering) {
    try (var backend = CudaBackend.software(CudaOptions.DEFAULT)) {
      var expected = untimed(backend, lowering);
      assertThat(timed(backend, lowering, false, 0)).isEqualTo(expected);
      assertThat(timed(backend, lowering, true, 2 * PHASES)).isEqualTo(expected);
    }
  }
}
