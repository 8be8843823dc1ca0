package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that is given bytes does, bit for bit, what one does that is given the floats these stand for. */
class LoadedBytesTest {
  private static final int BATCH = 5;

  /** Enough that a GPU runs every list of phases as a graph. */
  private static final int STEPS = 4;

  private final Random random = new Random(21);
  private final float[] levels = levels();
  private final byte[] pixels = new byte[BATCH * 8 * 8 * 3];
  private final int[] placement = new int[BATCH * 3];
  private int[] labels;

  @ParameterizedTest
  @ValueSource(strings = {"fused", "shared"})
  void onTheProcessor(String strategy) {
    try (var device = new CpuBackend(2)) {
      check(device, program(strategy));
    }
  }

  @ParameterizedTest
  @Tag("cuda")
  @ValueSource(strings = {"naive", "shared"})
  void onTheSoftwareDevice(String strategy) {
    SoftwareDevice.required();
    try (var device = CudaBackend.software(CudaOptions.DEFAULT)) {
      check(device, program(strategy));
    }
  }

  @Test
  void programsThatDoNotTrainTakeBytesToo() {
    var program = Lowerings.standard().lower(SteppedNetwork.SMALL, Workload.inference(BATCH));
    try (var device = new CpuBackend(1);
        var bytes = start(device, program);
        var floats = start(device, program)) {
      for (int i = 0; i < 2; i++) {
        draw();
        infer(bytes, floats);
      }
    }
  }

  private static Program program(String strategy) {
    return LabelledLowering.of(strategy).lower(SteppedNetwork.SMALL, Workload.training(BATCH, 0.9, 1e-4));
  }

  private void check(Backend device, Program program) {
    try (var bytes = start(device, program);
        var floats = start(device, program)) {
      for (int step = 0; step < STEPS; step++) {
        draw();
        step(bytes, floats, step);
        draw();
        infer(bytes, floats);
        draw();
        infer(bytes, floats); // folded already
      }
    }
  }

  private NetworkSession start(Backend device, Program program) {
    var session = new NetworkSession(device, program);
    var initial = new Initialization(3);
    session.setParameters(initial.learnable(program.parameters()));
    session.setRunning(initial.running(program.parameters()));
    session.setLevels(levels);
    return session;
  }

  private float[] levels() {
    var values = new float[3 * 256];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((i % 256 - (110.3 + i / 256)) / (60.7 - i / 256));
    }
    return values;
  }

  /** Another batch, shifted by up to half an image, one of it wholly out of sight. */
  private void draw() {
    random.nextBytes(pixels);
    for (int n = 0; n < BATCH; n++) {
      placement[n * 3] = n == 0 ? 8 : random.nextInt(-4, 5);
      placement[n * 3 + 1] = random.nextInt(-4, 5);
      placement[n * 3 + 2] = random.nextInt(2);
    }
    labels = random.ints(BATCH, 0, SteppedNetwork.SMALL.classes()).toArray();
  }

  private MemorySegment images() {
    return MemorySegment.ofArray(new InputOracle(8, 8, 3, levels).of(pixels, placement));
  }

  private void step(NetworkSession bytes, NetworkSession floats, int step) {
    bytes.load(pixels, placement, labels);
    floats.load(images(), MemorySegment.ofArray(labels));
    bytes.step(0.1, step, 1);
    floats.step(0.1, step, 1);
    assertThat(Double.doubleToRawLongBits(bytes.loss())).isEqualTo(Double.doubleToRawLongBits(floats.loss()));
    assertThat(bytes.correct()).isEqualTo(floats.correct());
    assertThat(state(bytes)).isEqualTo(state(floats));
  }

  private static int[] state(NetworkSession session) {
    return Bits.of(
        session.logits(), session.gradients(), session.parameters(), session.velocity(), session.running());
  }

  private void infer(NetworkSession bytes, NetworkSession floats) {
    bytes.load(pixels, placement);
    floats.load(images());
    bytes.infer();
    floats.infer();
    assertThat(Bits.of(bytes.logits())).isEqualTo(Bits.of(floats.logits()));
  }
}
