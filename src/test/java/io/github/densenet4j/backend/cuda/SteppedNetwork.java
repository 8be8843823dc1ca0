package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.backend.Backend;
import io.github.densenet4j.backend.NetworkSession;
import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.Initialization;
import io.github.densenet4j.network.Stem;
import io.github.densenet4j.program.Lowering;
import io.github.densenet4j.program.Program;
import io.github.densenet4j.program.Workload;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A small network that is stepped on random images, each step on others. */
final class SteppedNetwork implements AutoCloseable {
  static final DenseNetConfig SMALL =
      new DenseNetConfig("small", 4, List.of(2, 2), 8, 4, 0.5, 0.1, Stem.CIFAR, 3, 8, 5);

  private static final int BATCH = 4;

  private final NetworkSession session;
  private final Random random;
  private int steps;

  /** @param seed of weights and images */
  SteppedNetwork(Backend backend, long seed) {
    session = new NetworkSession(backend, program());
    random = new Random(seed);
    var initial = new Initialization(seed);
    session.setParameters(initial.learnable(session.program().parameters()));
    session.setRunning(initial.running(session.program().parameters()));
  }

  static Program program() {
    return Lowering.of("shared", "default").lower(SMALL, Workload.training(BATCH, 0.9, 1e-4));
  }

  /** Puts a step into the stream, without waiting for it. */
  SteppedNetwork step() {
    var images = new float[BATCH * session.imageValues()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    var labels = random.ints(BATCH, 0, SMALL.classes()).toArray();
    session.load(MemorySegment.ofArray(images), MemorySegment.ofArray(labels));
    session.step(0.1, steps, 1);
    steps++;
    return this;
  }

  SteppedNetwork steps(int count) {
    for (int i = 0; i < count; i++) {
      step();
    }
    return this;
  }

  /** Waits; all bits that the steps so far had a part in. */
  int[] state() {
    return Stream.of(session.parameters(), session.velocity(), session.running(), session.logits())
        .flatMapToInt(values -> IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])))
        .toArray();
  }

  NetworkSession session() {
    return session;
  }

  @Override
  public void close() {
    session.close();
  }
}
