package io.github.densenet4j;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.Occupancy;
import io.github.densenet4j.internal.checkpoint.NetworkState;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.internal.program.Ports;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A network on a device, trained step by step by a program's own loop: {@link #load}, {@link #step}, and what the step
 * came to. Memory on the device is held until {@link #close}.
 *
 * <p>For one thread at a time: a call while another thread is inside throws {@link IllegalStateException}. Only {@code
 * close} may come from any thread at any time; it waits for a call that is under way. Every other call after it throws
 * {@link IllegalStateException}.
 *
 * @since 0.1
 */
public final class StepSession implements AutoCloseable {
  private final NetworkSession session;
  private final NetworkState start;
  private final TrainedOn trainedOn;
  private final long seed;
  private final Occupancy occupancy = Occupancy.byTurns("session");
  private final int[] asTheyAre; // placement of images that are neither shifted nor flipped
  private volatile long steps; // written by who is inside
  private boolean loaded;

  /** Takes over the session. */
  StepSession(NetworkSession session, NetworkState start, TrainedOn trainedOn, long seed) {
    this.session = session;
    this.start = start;
    this.trainedOn = trainedOn;
    this.seed = seed;
    asTheyAre = new int[session.batch() * Ports.PLACEMENT];
    session.setParameters(start.parameters());
    session.setRunning(start.running());
    session.setLevels(trainedOn.normalization().levels());
  }

  /** {@return images in a step} */
  public int batch() {
    return session.batch();
  }

  /**
   * The images and labels of the next steps, until others are loaded. The device normalises the images.
   *
   * @param images uint8 (batch, size, size, channels) in the unit of the training images
   * @param labels (batch), at least 0 and below the number of classes
   * @throws ConfigurationException if an array has another length or a label is out of range
   */
  public void load(byte[] images, int[] labels) {
    check(images.length, labels);
    try (var _ = occupancy.enter()) {
      session.load(images, asTheyAre, labels);
      loaded = true;
    }
  }

  /**
   * The images and labels of the next steps, until others are loaded.
   *
   * @param images (batch, size, size, channels) in the unit of the training images, finite; they are normalised
   * @param labels (batch), at least 0 and below the number of classes
   * @throws ConfigurationException if an array has another length or a label is out of range
   * @throws DataException if a value is NaN or infinite
   */
  public void load(float[] images, int[] labels) {
    check(images.length, labels);
    for (int i = 0; i < images.length; i++) {
      if (!Float.isFinite(images[i])) {
        throw new DataException(
            "image %d has a value that is %s, it must be finite".formatted(i / session.imageValues(), images[i]));
      }
    }
    var normalized = new float[images.length];
    trainedOn.normalization().apply(images, 0, normalized, 0, images.length);
    try (var _ = occupancy.enter()) {
      session.load(MemorySegment.ofArray(normalized), MemorySegment.ofArray(labels));
      loaded = true;
    }
  }

  private void check(int values, int[] labels) {
    long expected = (long) session.batch() * session.imageValues();
    if (values != expected) {
      throw new ConfigurationException(
          "images have %d values, expected %d for a batch of %d".formatted(values, expected, session.batch()));
    }
    if (labels.length != session.batch()) {
      throw new ConfigurationException(
          "there are %d labels, expected %d for a batch of that size".formatted(labels.length, session.batch()));
    }
    int classes = start.config().classes();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new ConfigurationException(
            "label %d is %d, it must be at least 0 and below the %d classes".formatted(i, labels[i], classes));
      }
    }
  }

  /**
   * Forward, backward and the optimizer's step on the images that were loaded last.
   *
   * @param rate the learning rate of this step, finite and at least 0
   * @throws ConfigurationException if the rate is none
   * @throws IllegalStateException if nothing was loaded
   */
  public void step(double rate) {
    if (!(rate >= 0 && Double.isFinite(rate))) {
      throw new ConfigurationException("learning rate is " + rate + ", it must be at least 0", "learning rate");
    }
    try (var _ = occupancy.enter()) {
      if (!loaded) {
        throw new IllegalStateException("nothing is loaded: load images before the first step");
      }
      session.step(rate, steps, seed);
      steps = steps + 1;
    }
  }

  /** {@return steps so far} */
  public long steps() {
    return steps;
  }

  /**
   * Waits for the last step.
   *
   * @return mean cross entropy of its batch, before its update; NaN or infinite if the training has diverged
   * @throws IllegalStateException if there was no step
   */
  public double loss() {
    try (var _ = occupancy.enter()) {
      requireStep();
      return session.loss();
    }
  }

  /**
   * Waits for the last step.
   *
   * @return images of its batch that were classified right, before its update
   * @throws IllegalStateException if there was no step
   */
  public long correct() {
    try (var _ = occupancy.enter()) {
      requireStep();
      return session.correct();
    }
  }

  /**
   * The last step's gradient of a parameter, without weight decay.
   *
   * @param name torchvision's, such as {@code classifier.weight}
   * @return a copy, in the order of {@link DenseNet#shape}
   * @throws ConfigurationException if the network has no such learnable parameter
   * @throws IllegalStateException if there was no step
   */
  public float[] gradient(String name) {
    var parameter =
        session.program().parameters().learnable().stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(
                () -> new ConfigurationException(start.config().name() + " has no learnable parameter " + name));
    int from = Math.toIntExact(parameter.offset());
    try (var _ = occupancy.enter()) {
      requireStep();
      return Arrays.copyOfRange(session.gradients(), from, from + parameter.count());
    }
  }

  private void requireStep() {
    if (steps == 0) {
      throw new IllegalStateException("there was no step yet");
    }
  }

  /**
   * Copies the network as it is now; the session goes on by itself.
   *
   * @return a network of its own
   * @throws DivergedException if a weight or running statistic is NaN or infinite
   */
  public DenseNet network() {
    try (var _ = occupancy.enter()) {
      float[] parameters = session.parameters();
      float[] running = session.running();
      requireFinite(parameters, "weight");
      requireFinite(running, "running statistic");
      return new DenseNet(new NetworkState(start.config(), trainedOn, start.steps() + steps, parameters, running));
    }
  }

  private void requireFinite(float[] values, String what) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new DivergedException(
            "a " + what + " is " + value + " after " + steps + " steps: try a smaller learning rate", "learning rate");
      }
    }
  }

  /** Gives the device's memory back; doing so again changes nothing. */
  @Override
  public void close() {
    occupancy.close(session::close);
  }
}
