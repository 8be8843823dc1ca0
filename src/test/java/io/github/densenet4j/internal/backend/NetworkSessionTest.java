package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which phases a session runs. It folds before an inference, if what it folds has changed since the last time, and
 * makes images of bytes before whatever comes next after bytes were loaded.
 */
@Tag("fast")
class NetworkSessionTest {
  private static final DenseNetConfig TINY =
      new DenseNetConfig("tiny", 4, List.of(1, 1), 8, 4, 0.5, 0, Stem.CIFAR, 3, 8, 5);

  private final Recording device = new Recording();
  private final Program program = Lowerings.standard().lower(TINY, Workload.training(2, 0.9, 1e-4));
  private final NetworkSession session = new NetworkSession(device, program);

  @Test
  void foldsOnceForManyInferences() {
    session.infer();
    session.infer();
    session.infer();
    assertThat(device.taken()).containsExactly(Phase.FOLD, Phase.INFER, Phase.INFER, Phase.INFER);
  }

  @Test
  void foldsAgainAfterParametersOrRunningStatisticsWereSet() {
    session.infer();
    session.setParameters(new float[(int) program.parameters().learnableCount()]);
    session.infer();
    session.setRunning(new float[(int) program.parameters().runningCount()]);
    session.infer();
    session.infer();
    assertThat(device.taken())
        .containsExactly(
            Phase.FOLD, Phase.INFER, Phase.FOLD, Phase.INFER, Phase.FOLD, Phase.INFER, Phase.INFER);
  }

  @Test
  void foldsAgainAfterATrainingStepAndNeverWithinOne() {
    session.infer();
    session.step(0.1, 0, 1);
    session.step(0.1, 1, 1, new StepProfile(program, false));
    session.infer();
    assertThat(device.taken())
        .containsExactly(
            Phase.FOLD, Phase.INFER, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE, Phase.FORWARD, Phase.BACKWARD,
            Phase.UPDATE, Phase.FOLD, Phase.INFER);
  }

  @Test
  void imagesChangeNothingThatIsFolded() {
    session.infer();
    session.load(MemorySegment.ofArray(new float[2 * session.imageValues()]));
    session.infer(new StepProfile(program, false));
    assertThat(device.taken()).containsExactly(Phase.FOLD, Phase.INFER, Phase.INFER);
  }

  @Test
  void foldsAgainIfFoldingFailed() {
    device.failing = Phase.FOLD;
    assertThatThrownBy(session::infer).isInstanceOf(DeviceException.class);
    device.failing = null;
    session.infer();
    assertThat(device.taken()).containsExactly(Phase.FOLD, Phase.INFER);
  }

  @Test
  void makesImagesOfBytesOnceAfterTheyWereLoaded() {
    loadBytes();
    session.step(0.1, 0, 1);
    session.step(0.1, 1, 1);
    loadBytes();
    session.step(0.1, 2, 1, new StepProfile(program, false));
    loadBytes();
    session.infer();
    session.infer();
    loadBytes();
    session.infer(new StepProfile(program, false));
    assertThat(device.taken())
        .containsExactly(
            Phase.INPUT, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE,
            Phase.INPUT, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE, Phase.INPUT, Phase.FOLD, Phase.INFER,
            Phase.INFER, Phase.INPUT, Phase.INFER);
  }

  @Test
  void floatsThatAreLoadedAfterBytesTakeTheirPlace() {
    loadBytes();
    session.load(MemorySegment.ofArray(new float[2 * session.imageValues()]));
    session.infer();
    assertThat(device.taken()).containsExactly(Phase.FOLD, Phase.INFER);
  }

  @Test
  void makesImagesOfBytesAgainIfThatFailed() {
    loadBytes();
    device.failing = Phase.INPUT;
    assertThatThrownBy(() -> session.step(0.1, 0, 1)).isInstanceOf(DeviceException.class);
    device.failing = null;
    session.step(0.1, 0, 1);
    assertThat(device.taken()).containsExactly(Phase.INPUT, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE);
  }

  @Test
  void refusesBytesThatDoNotFitAndThoseWithoutLevels() {
    byte[] pixels = new byte[2 * session.imageValues()];
    assertThatThrownBy(() -> session.load(pixels, new int[6]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("set levels");
    assertThatThrownBy(() -> session.setLevels(new float[256])).isInstanceOf(IllegalArgumentException.class);
    session.setLevels(new float[3 * 256]);
    assertThatThrownBy(() -> session.load(new byte[1], new int[6])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> session.load(pixels, new int[5])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> session.load(pixels, new int[6], new int[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Kernels trust labels: 500,000,000 ended the JVM. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 5, 500_000_000, Integer.MIN_VALUE})
  void refusesLabelsThatAreNoClass(int label) {
    session.setLevels(new float[3 * 256]);
    var images = MemorySegment.ofArray(new float[2 * session.imageValues()]);
    String sentence = "label " + label + " of image 1 is out of range, expected 0 to 4";
    assertThatThrownBy(() -> session.load(images, MemorySegment.ofArray(new int[] {4, label})))
        .isInstanceOf(DataException.class)
        .hasMessage(sentence);
    assertThatThrownBy(
            () -> session.load(new byte[2 * session.imageValues()], new int[6], new int[] {0, label}))
        .isInstanceOf(DataException.class)
        .hasMessage(sentence);
  }

  @Test
  void refusesFloatsThatDoNotFit() {
    assertThatThrownBy(() -> session.load(MemorySegment.ofArray(new float[1])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("images take 1536 bytes, but 4 were given");
    var images = MemorySegment.ofArray(new float[2 * session.imageValues()]);
    assertThatThrownBy(() -> session.load(images, MemorySegment.ofArray(new int[3])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("labels take 8 bytes");
  }

  private void loadBytes() {
    session.setLevels(new float[3 * 256]);
    session.load(new byte[2 * session.imageValues()], new int[2 * 3], new int[2]);
  }

  /** Remembers which phases ran. */
  private static final class Recording implements Backend, Session {
    private final List<Phase> phases = new ArrayList<>();
    private Phase failing;
    private long bytes;

    List<Phase> taken() {
      return phases;
    }

    @Override
    public String name() {
      return "recording";
    }

    @Override
    public String description() {
      return "a device of this test";
    }

    @Override
    public long workspaceBytes(Op op) {
      return 0;
    }

    @Override
    public long availableBytes() {
      return Long.MAX_VALUE;
    }

    @Override
    public Session load(Program program, ArenaPlan plan) {
      bytes = plan.totalBytes();
      return this;
    }

    @Override
    public void run(List<Phase> list) {
      for (var phase : list) {
        if (phase == failing) {
          throw new DeviceException("recording: " + phase + " fails");
        }
        phases.add(phase);
      }
    }

    @Override
    public void run(Phase phase, long[] nanoseconds) {
      run(List.of(phase));
    }

    @Override
    public void finish() {}

    @Override
    public void write(BufferView target, MemorySegment source) {}

    @Override
    public void read(BufferView source, MemorySegment target) {}

    @Override
    public long allocatedBytes() {
      return bytes;
    }

    @Override
    public void close() {}
  }
}
