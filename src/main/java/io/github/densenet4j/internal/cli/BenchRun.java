package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.MemoryFit;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.StepProfile;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Program;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Steps of a network on random images: how long they take, and how much larger they make this process. A program that
 * does not train is run as inference.
 *
 * @param warmup steps before those that are timed, at least 0
 * @param steps that are timed, at least 1
 * @param seed of weights, images and dropout
 * @param profiled whether operations are timed one by one, on a GPU between events of a graph for each phase
 */
record BenchRun(int warmup, int steps, long seed, boolean profiled) {
  // Small enough that weights stay finite on labels that mean nothing.
  private static final double LEARNING_RATE = 1e-3;

  /** Steps of the small network, enough to have been everywhere once. */
  private static final int REHEARSALS = 2;

  private static final int MOST_REHEARSED_FEATURES = 4;

  /**
   * What was measured.
   *
   * @param steps that were timed
   * @param jvmBytes what the process held when all but the network was there
   * @param growthBytes how much more it held after loading and the first step
   * @param besidesBytes what was taken of a GPU's memory besides the plan, after the last step
   */
  record Result(ArenaPlan plan, List<Step> steps, long jvmBytes, long growthBytes, OptionalLong besidesBytes) {
    /** Of a step, the median. */
    double seconds() {
      return median(times());
    }

    /** The time that 99 of 100 steps did not exceed. */
    double slowSeconds() {
      return percentile(times(), 99);
    }

    private double[] times() {
      return steps.stream().mapToDouble(Step::seconds).toArray();
    }
  }

  /**
   * One step.
   *
   * @param seconds from before its first operation to after its last
   * @param profile the time of each operation, if they were timed
   */
  record Step(double seconds, StepProfile profile) {}

  Result on(Backend backend, Program program) {
    var plan = backend.plan(program);
    MemoryFit.require(backend, program, plan); // before images are made that may not fit either
    var inputs = new Inputs(program, seed);
    rehearse(backend, program);
    System.gc(); // what is free on the heap now serves the rest, which needs little
    long before = Machine.residentBytes();
    try (var session = new NetworkSession(backend, program, plan)) {
      inputs.load(session);
      var all = new ArrayList<>(List.of(step(session, 0)));
      long growth = Machine.residentBytes() - before;
      for (int i = 1; i < warmup + steps; i++) {
        all.add(step(session, i));
      }
      var timed = all.subList(warmup, all.size());
      return new Result(plan, timed, before, growth, backend.besidesPlansBytes());
    }
  }

  /** Loads classes and kernels and starts threads, so that a later measurement is of the network alone. */
  private void rehearse(Backend backend, Program program) {
    var config = program.config();
    var small =
        new DenseNetConfig(
            config.name(), Math.min(config.growthRate(), MOST_REHEARSED_FEATURES),
            config.blockConfig().stream().map(_ -> 1).toList(),
            Math.min(config.initFeatures(), MOST_REHEARSED_FEATURES), config.bnSize(), 1, config.dropout(),
            config.stem(), config.inChannels(), config.imageSize(), config.classes());
    var rehearsal = program.lowering().lower(small, program.workload().withBatch(2));
    try (var session = new NetworkSession(backend, rehearsal)) {
      new Inputs(rehearsal, seed).load(session);
      for (int i = 0; i < REHEARSALS; i++) {
        step(session, i);
      }
    }
  }

  private Step step(NetworkSession session, int index) {
    var profile = new StepProfile(session.program(), true);
    long start = System.nanoTime();
    boolean training = session.program().workload().training();
    if (profiled && training) {
      session.step(LEARNING_RATE, index, seed, profile);
    } else if (profiled) {
      session.infer(profile);
    } else if (training) {
      session.step(LEARNING_RATE, index, seed);
    } else {
      session.infer();
    }
    session.finish();
    return new Step((System.nanoTime() - start) / 1e9, profile);
  }

  /** The middle value, or the mean of the two in the middle; {@code values} become sorted. */
  static double median(double[] values) {
    Arrays.sort(values);
    return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
  }

  /** The smallest value that {@code percent} of all do not exceed; {@code values} become sorted. */
  static double percentile(double[] values, int percent) {
    Arrays.sort(values);
    return values[(values.length * percent + 99) / 100 - 1];
  }

  /** All that is copied into a session. */
  private static final class Inputs {
    private final boolean training;
    private final float[] parameters;
    private final float[] running;
    private final MemorySegment images; // (N, H, W, C)
    private final MemorySegment labels; // (N)

    Inputs(Program program, long seed) {
      var config = program.config();
      int batch = program.workload().batch();
      var initial = new Initialization(seed);
      training = program.workload().training();
      parameters = initial.learnable(program.parameters());
      running = initial.running(program.parameters());
      var random = new Random(seed);
      int imageValues = config.imageSize() * config.imageSize() * config.inChannels();
      var values = new float[Math.multiplyExact(batch, imageValues)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      images = MemorySegment.ofArray(values);
      labels = MemorySegment.ofArray(random.ints(batch, 0, config.classes()).toArray());
    }

    void load(NetworkSession session) {
      session.setParameters(parameters);
      session.setRunning(running);
      if (training) {
        session.load(images, labels);
      } else {
        session.load(images);
      }
    }
  }
}
