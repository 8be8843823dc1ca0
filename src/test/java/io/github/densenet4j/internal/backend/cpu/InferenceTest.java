package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a session did before, its inference is that of a new session with the same parameters and statistics. */
class InferenceTest {
  private static final int BATCH = 4;
  private static final DenseNetConfig CONFIG =
      new DenseNetConfig("small", 5, List.of(3, 2), 9, 4, 0.5, 0.2, Stem.IMAGENET, 3, 32, 6);
  private static final CpuBackend DEVICE = new CpuBackend(2);

  static Stream<Lowering> lowerings() {
    return Stream.concat(
        Lowerings.all().stream(), Stream.of(Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.BFLOAT16)));
  }

  private static float[] normal(int seed, long count) {
    var random = new Random(seed);
    var values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Means on both sides of zero and variances from 0.5 to 1.5. */
  private static float[] statistics(int seed, Program program) {
    var values = normal(seed, program.parameters().runningCount());
    for (var parameter : program.parameters().running()) {
      if (parameter.name().endsWith("running_var")) {
        for (int i = 0; i < parameter.count(); i++) {
          int at = (int) parameter.offset() + i;
          values[at] = 1 + (float) Math.tanh(values[at]) / 2;
        }
      }
    }
    return values;
  }

  private static NetworkSession trainer(Lowering lowering) {
    var session = new NetworkSession(DEVICE, lowering.lower(CONFIG, Workload.training(BATCH, 0.9, 1e-4)));
    session.setParameters(new Initialization(1).learnable(session.program().parameters()));
    session.setRunning(statistics(2, session.program()));
    loadImages(session);
    return session;
  }

  private static void loadImages(NetworkSession session) {
    session.load(MemorySegment.ofArray(normal(3, (long) BATCH * session.imageValues())));
  }

  private static float[] logits(NetworkSession session) {
    session.infer();
    return session.logits();
  }

  /** Of a session that has done nothing else. */
  private static float[] expected(Lowering lowering, float[] parameters, float[] running) {
    try (var session = new NetworkSession(DEVICE, lowering.lower(CONFIG, Workload.inference(BATCH)))) {
      session.setParameters(parameters);
      session.setRunning(running);
      loadImages(session);
      return logits(session);
    }
  }

  @ParameterizedTest
  @MethodSource("lowerings")
  void aTrainingStepIsSeen(Lowering lowering) {
    try (var session = trainer(lowering)) {
      float[] before = logits(session);
      var images = MemorySegment.ofArray(normal(4, (long) BATCH * session.imageValues()));
      session.load(images, MemorySegment.ofArray(new int[] {0, 1, 2, 3}));
      session.step(0.1, 0, 1);
      loadImages(session);
      float[] after = logits(session);
      assertThat(after)
          .isEqualTo(expected(lowering, session.parameters(), session.running()))
          .isNotEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("lowerings")
  void parametersAndStatisticsThatWereSetAreSeen(Lowering lowering) {
    try (var session = trainer(lowering)) {
      float[] first = logits(session);
      float[] parameters = new Initialization(5).learnable(session.program().parameters());
      session.setParameters(parameters);
      float[] second = logits(session);
      assertThat(second).isEqualTo(expected(lowering, parameters, session.running())).isNotEqualTo(first);
      float[] running = statistics(6, session.program());
      session.setRunning(running);
      assertThat(logits(session)).isEqualTo(expected(lowering, parameters, running)).isNotEqualTo(second);
    }
  }

  /** As if scale and shift were made anew for every batch, whatever other memory is used for. */
  @ParameterizedTest
  @MethodSource("lowerings")
  void foldingOnceChangesNoBit(Lowering lowering) {
    var program = lowering.lower(CONFIG, Workload.inference(BATCH));
    var ports = program.ports();
    try (var session = DEVICE.load(program, DEVICE.plan(program))) {
      write(session, ports.parameters(), new Initialization(1).learnable(program.parameters()));
      write(session, ports.running(), statistics(2, program));
      session.run(List.of(Phase.FOLD));
      for (int batch = 0; batch < 3; batch++) {
        write(session, ports.images(), normal(batch, ports.images().bytes() / Float.BYTES));
        session.run(List.of(Phase.INFER));
        float[] once = read(session, ports.logits());
        session.run(List.of(Phase.FOLD));
        session.run(List.of(Phase.INFER));
        assertThat(read(session, ports.logits())).isEqualTo(once);
      }
    }
  }

  private static void write(Session session, Buffer port, float[] values) {
    session.write(port.view(), MemorySegment.ofArray(values));
  }

  private static float[] read(Session session, Buffer port) {
    var values = new float[(int) (port.bytes() / Float.BYTES)];
    session.read(port.view(), MemorySegment.ofArray(values));
    return values;
  }
}
