package io.github.densenet4j.internal.backend;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;

/** A small network that is stepped on random images, each step on others. */
public final class SteppedNetwork implements AutoCloseable {
  public static final DenseNetConfig SMALL =
      new DenseNetConfig("small", 4, List.of(2, 2), 8, 4, 0.5, 0.1, Stem.CIFAR, 3, 8, 5);

  /** What a run depends on, each by itself. */
  public record Seeds(long weights, long images, long dropout) {}

  private final NetworkSession session;
  private final double learningRate;
  private final Seeds seeds;
  private final Random random;
  private int steps;

  /**
   * One of {@link #program}.
   *
   * @param seed of weights and images
   */
  public SteppedNetwork(Backend backend, long seed) {
    this(new NetworkSession(backend, program()), 0.1, new Seeds(seed, seed, 1));
  }

  /** @param session that is closed with this */
  public SteppedNetwork(NetworkSession session, double learningRate, Seeds seeds) {
    this.session = session;
    this.learningRate = learningRate;
    this.seeds = seeds;
    random = new Random(seeds.images);
    var initial = new Initialization(seeds.weights);
    session.setParameters(initial.learnable(session.program().parameters()));
    session.setRunning(initial.running(session.program().parameters()));
  }

  public static Program program() {
    return Lowerings.of(Strategy.SHARED).lower(SMALL, Workload.training(4, 0.9, 1e-4));
  }

  /** Puts a step into the stream, without waiting for it. */
  public SteppedNetwork step() {
    var images = new float[session.batch() * session.imageValues()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    var labels = random.ints(session.batch(), 0, session.program().config().classes()).toArray();
    session.load(MemorySegment.ofArray(images), MemorySegment.ofArray(labels));
    session.step(learningRate, steps, seeds.dropout);
    steps++;
    return this;
  }

  public SteppedNetwork steps(int count) {
    for (int i = 0; i < count; i++) {
      step();
    }
    return this;
  }

  /** Waits; all bits that the steps so far had a part in. */
  public int[] state() {
    return Bits.of(session.parameters(), session.velocity(), session.running(), session.logits());
  }

  public NetworkSession session() {
    return session;
  }

  @Override
  public void close() {
    session.close();
  }
}
