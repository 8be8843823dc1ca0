package io.github.densenet4j.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.backend.Backend;
import io.github.densenet4j.backend.NetworkSession;
import io.github.densenet4j.backend.cpu.CpuBackend;
import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.Initialization;
import io.github.densenet4j.network.Stem;
import io.github.densenet4j.program.Lowering;
import io.github.densenet4j.program.Workload;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten training steps with dropout on the software CUDA device, beside the processor's. */
class CudaAgreementTest {
  private static final DenseNetConfig NETWORK =
      new DenseNetConfig("agreement", 5, List.of(2, 2), 10, 4, 0.5, 0.2, Stem.CIFAR, 3, 8, 7);
  private static final int BATCH = 6;
  private static final int STEPS = 10;
  private static final double LEARNING_RATE = 0.01;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    SoftwareDevice.assumed();
  }

  @AfterEach
  void blocksRunInTheirUsualOrder() {
    SoftwareCuda.load().set("schedule", "forward");
  }

  private record Trained(double loss, float[] parameters, float[] running, float[] gradients, float[] logits) {
    long[] bits() {
      var floats =
          Stream.of(parameters, running, gradients, logits)
              .flatMapToInt(values -> IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])));
      return LongStream.concat(LongStream.of(Double.doubleToRawLongBits(loss)), floats.asLongStream()).toArray();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared"})
  void tenStepsAgreeWithTheProcessor(String strategy) {
    var expected = train(new CpuBackend(2), strategy);
    var found = train(CudaOptions.DEFAULT, strategy);
    // Each step multiplies what rounding has left by a little: 1e-5 is what one step may show against PyTorch.
    double tolerance = STEPS * 1e-5;
    assertThat(error(new float[] {(float) found.loss}, new float[] {(float) expected.loss})).isLessThan(tolerance);
    assertThat(error(found.parameters, expected.parameters)).isLessThan(tolerance);
    assertThat(error(found.running, expected.running)).isLessThan(tolerance);
    assertThat(error(found.gradients, expected.gradients)).isLessThan(STEPS * 1e-4);
    assertThat(error(found.logits, expected.logits)).isLessThan(tolerance);
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared"})
  void everyOrderOfBlocksAndWarpsGivesTheSameBits(String strategy) {
    var forward = train(CudaOptions.DEFAULT, strategy);
    for (String order : List.of("reverse", "random:7")) {
      SoftwareCuda.load().set("schedule", order);
      assertThat(train(CudaOptions.DEFAULT, strategy).bits()).isEqualTo(forward.bits());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared"})
  void aGraphGivesTheBitsOfOneOperationAfterTheOther(String strategy) {
    var checked = train(CudaOptions.DEFAULT.withChecked(true), strategy);
    assertThat(checked.bits()).isEqualTo(train(CudaOptions.DEFAULT, strategy).bits());
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive", "shared"})
  void theDriverIsAskedForThePlannedBytesAndGetsAllBack(String strategy) {
    var counts = SoftwareCuda.load();
    long before = counts.count("live_bytes");
    var program = Lowering.of(strategy, "default").lower(NETWORK, Workload.training(BATCH, 0.9, 1e-4));
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      var plan = device.plan(program);
      try (var session = new NetworkSession(device, program, plan)) {
        assertThat(counts.count("live_bytes") - before).isEqualTo(plan.totalBytes());
        assertThat(counts.count("host_bytes")).isEqualTo(device.besidesPlan(program).get("pinned_host"));
        long graphs = counts.count("graph_launches");
        run(session);
        assertThat(counts.count("graph_launches") - graphs).isEqualTo(STEPS - 1); // the first is checked, one by one
        assertThat(counts.count("live_bytes") - before).isEqualTo(plan.totalBytes());
      }
    }
    for (String what : List.of("live_bytes", "host_bytes", "modules", "streams", "events", "graphs")) {
      assertThat(counts.count(what)).as(what).isZero();
    }
  }

  private static Trained train(CudaOptions options, String strategy) {
    try (var device = CudaBackend.software(options)) {
      return train(device, strategy);
    }
  }

  private static Trained train(Backend backend, String strategy) {
    var program = Lowering.of(strategy, "default").lower(NETWORK, Workload.training(BATCH, 0.9, 1e-4));
    try (var session = new NetworkSession(backend, program)) {
      run(session);
      double loss = session.loss();
      float[] gradients = session.gradients();
      session.infer();
      return new Trained(loss, session.parameters(), session.running(), gradients, session.logits());
    }
  }

  private static void run(NetworkSession session) {
    var initial = new Initialization(3);
    var random = new Random(5);
    session.setParameters(initial.learnable(session.program().parameters()));
    session.setRunning(initial.running(session.program().parameters()));
    for (int step = 0; step < STEPS; step++) {
      var images = new float[BATCH * session.imageValues()];
      for (int i = 0; i < images.length; i++) {
        images[i] = (float) random.nextGaussian();
      }
      int[] labels = random.ints(BATCH, 0, NETWORK.classes()).toArray();
      session.load(MemorySegment.ofArray(images), MemorySegment.ofArray(labels));
      session.step(LEARNING_RATE, step, 11);
    }
    session.finish();
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
