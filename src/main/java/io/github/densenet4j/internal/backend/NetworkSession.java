package io.github.densenet4j.internal.backend;

import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Ports;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Buffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A network on a device: a session with typed access to the program's ports. One step is a {@code load}, {@link #step};
 * one inference is a {@code load}, {@link #infer}. Images are loaded as bytes, which the device normalises, flips and
 * shifts, or as floats, as the network reads them. For one thread at a time, as {@link Session}s are.
 */
public final class NetworkSession implements AutoCloseable {
  private static final List<Phase> STEP = List.of(Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE);
  private static final List<Phase> STEP_OF_BYTES =
      List.of(Phase.INPUT, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE);
  private static final List<Phase> INFERENCE = List.of(Phase.INFER);
  private static final List<Phase> INFERENCE_OF_BYTES = List.of(Phase.INPUT, Phase.INFER);
  private static final List<Phase> FIRST_INFERENCE = List.of(Phase.FOLD, Phase.INFER);
  private static final List<Phase> FIRST_INFERENCE_OF_BYTES = List.of(Phase.INPUT, Phase.FOLD, Phase.INFER);

  private final Program program;
  private final ArenaPlan plan;
  private final Session session;
  private final Ports ports;
  private final long[] control = new long[Ports.CONTROLS];
  private final Occupancy occupancy = Occupancy.byTurns("session");

  /** Whether what inference reads of parameters and running statistics is made of the present ones. */
  private boolean folded;

  /** Whether it is known what the levels of images as bytes are after normalisation. */
  private boolean levelled;

  /** Whether bytes were loaded that are no images of the network yet. */
  private boolean bytesLoaded;

  /** Plans {@code program} and allocates it; otherwise as {@link #NetworkSession(Backend, Program, ArenaPlan)}. */
  public NetworkSession(Backend backend, Program program) {
    this(backend, program, backend.plan(program));
  }

  /**
   * @param plan of {@code program} on {@code backend}
   * @throws DeviceException if the device has too little memory for the plan, or allocated anything but the plan
   */
  public NetworkSession(Backend backend, Program program, ArenaPlan plan) {
    this.program = program;
    this.plan = plan;
    MemoryFit.require(backend, program, plan);
    session = backend.load(program, plan);
    ports = program.ports();
    requirePlanned(backend);
  }

  private void requirePlanned(Backend backend) {
    long allocated = session.allocatedBytes();
    if (allocated != plan.totalBytes()) {
      close();
      throw new DeviceException(
          "%s allocated %d bytes for %s, but the plan has %d: this is a bug, report it with the command that you ran"
              .formatted(backend.name(), allocated, program.config().name(), plan.totalBytes()));
    }
  }

  public Program program() {
    return program;
  }

  public ArenaPlan plan() {
    return plan;
  }

  /** Images in a step. */
  public int batch() {
    return program.workload().batch();
  }

  /** Values of one image: size * size * channels. */
  public int imageValues() {
    return Math.toIntExact(ports.images().bytes() / Float.BYTES / batch());
  }

  /** @param values learnable values, as the program's parameters lay them out */
  public void setParameters(float[] values) {
    refold(ports.parameters(), values);
  }

  public float[] parameters() {
    return floats(ports.parameters());
  }

  /** @param values running statistics, as the program's parameters lay them out */
  public void setRunning(float[] values) {
    refold(ports.running(), values);
  }

  private void refold(Buffer buffer, float[] values) {
    try (var _ = occupancy.enter()) {
      folded = false;
      write(buffer, MemorySegment.ofArray(values));
    }
  }

  public float[] running() {
    return floats(ports.running());
  }

  /** @param values the optimizer's momentum, laid out like the learnable values */
  public void setVelocity(float[] values) {
    try (var _ = occupancy.enter()) {
      write(ports.velocity(), trained(MemorySegment.ofArray(values), ports.velocity()));
    }
  }

  public float[] velocity() {
    return trained(ports.velocity());
  }

  /** The gradients of the last step, laid out like the learnable values; 0 in the frozen prefix. */
  public float[] gradients() {
    return trained(ports.gradients());
  }

  /** The last of the learnable values, which the buffer has; those of the frozen prefix are 0. */
  private float[] trained(Buffer buffer) {
    var values = new float[Math.toIntExact(program.parameters().learnableCount())];
    read(buffer, trained(MemorySegment.ofArray(values), buffer));
    return values;
  }

  private MemorySegment trained(MemorySegment values, Buffer buffer) {
    long whole = ports.parameters().bytes();
    if (values.byteSize() != whole) {
      throw new IllegalArgumentException(
          "%s are of %d bytes, but %d were given".formatted(buffer.name(), whole, values.byteSize()));
    }
    return values.asSlice(whole - buffer.bytes());
  }

  /**
   * How images that are loaded as bytes are normalised.
   *
   * @param levels (channels, 256): the normalised value of each level
   */
  public void setLevels(float[] levels) {
    try (var _ = occupancy.enter()) {
      write(ports.levels(), MemorySegment.ofArray(levels));
      levelled = true;
    }
  }

  /**
   * The images of the next inference, as bytes.
   *
   * @param pixels uint8 (batch, size, size, channels)
   * @param placement (batch, 3), of each image: dy, dx, and 1 if it is flipped from left to right, else 0. Pixel (r, c)
   *     of the network's image is pixel (r + dy, c + dx) of the flipped image, or 0 where there is none
   * @throws IllegalStateException if {@link #setLevels} was not called
   */
  public void load(byte[] pixels, int[] placement) {
    try (var _ = occupancy.enter()) {
      if (!levelled) {
        throw new IllegalStateException("images as bytes cannot be normalised yet: set levels before they are loaded");
      }
      write(ports.pixels(), MemorySegment.ofArray(pixels));
      write(ports.placement(), MemorySegment.ofArray(placement));
      bytesLoaded = true;
    }
  }

  /**
   * The images and labels of the next step, the images as bytes.
   *
   * @param labels (batch)
   * @throws DataException if a label is not in [0, classes)
   */
  public void load(byte[] pixels, int[] placement, int[] labels) {
    try (var _ = occupancy.enter()) {
      writeLabels(MemorySegment.ofArray(labels));
      load(pixels, placement);
    }
  }

  /**
   * The images of the next step.
   *
   * @param images float32 (batch, size, size, channels), normalised
   */
  public void load(MemorySegment images) {
    try (var _ = occupancy.enter()) {
      bytesLoaded = false;
      write(ports.images(), images);
    }
  }

  /**
   * The images and labels of the next step.
   *
   * @param labels int32 (batch)
   * @throws DataException if a label is not in [0, classes)
   */
  public void load(MemorySegment images, MemorySegment labels) {
    try (var _ = occupancy.enter()) {
      writeLabels(labels);
      load(images);
    }
  }

  /** Kernels trust labels, so nothing else may reach them. */
  private void writeLabels(MemorySegment labels) {
    int classes = program.config().classes();
    for (long i = 0; i < labels.byteSize() / Integer.BYTES; i++) {
      int label = labels.get(ValueLayout.JAVA_INT_UNALIGNED, i * Integer.BYTES);
      if (label < 0 || label >= classes) {
        throw new DataException(
            "label %d of image %d is out of range, expected 0 to %d".formatted(label, i, classes - 1));
      }
    }
    write(ports.labels(), labels);
  }

  /**
   * Forward, backward and the optimizer's step. A device may return before they are done; whoever reads waits.
   *
   * @param learningRate of this step
   * @param step counts steps from 0; with the seed it gives the dropout masks
   */
  public void step(double learningRate, long step, long seed) {
    try (var _ = occupancy.enter()) {
      prepare(learningRate, step, seed);
      session.run(training());
      bytesLoaded = false;
    }
  }

  /** The same, and adds the time of every operation to {@code profile}. */
  public void step(double learningRate, long step, long seed, StepProfile profile) {
    try (var _ = occupancy.enter()) {
      prepare(learningRate, step, seed);
      for (var phase : training()) {
        profile.run(session, phase);
      }
      bytesLoaded = false;
    }
  }

  private List<Phase> training() {
    return bytesLoaded ? STEP_OF_BYTES : STEP;
  }

  private void prepare(double learningRate, long step, long seed) {
    folded = false;
    control[0] = Double.doubleToRawLongBits(learningRate);
    control[1] = step;
    control[2] = seed;
    control[3] = Double.doubleToRawLongBits(learningRate * program.workload().classifierFactor());
    session.write(ports.control().view(), MemorySegment.ofArray(control));
  }

  /** Logits of the loaded images with running statistics. */
  public void infer() {
    try (var _ = occupancy.enter()) {
      session.run(inference());
      inferred();
    }
  }

  /** The same, and adds the time of every operation to {@code profile}. */
  public void infer(StepProfile profile) {
    try (var _ = occupancy.enter()) {
      for (var phase : inference()) {
        profile.run(session, phase);
      }
      inferred();
    }
  }

  private List<Phase> inference() {
    if (bytesLoaded) {
      return folded ? INFERENCE_OF_BYTES : FIRST_INFERENCE_OF_BYTES;
    }
    return folded ? INFERENCE : FIRST_INFERENCE;
  }

  private void inferred() {
    folded = true;
    bytesLoaded = false;
  }

  /** Waits for the last step or inference; reading its results does so too. */
  public void finish() {
    try (var _ = occupancy.enter()) {
      session.finish();
    }
  }

  /** Mean cross entropy of the last step's batch, before its update. */
  public double loss() {
    var loss = new double[1];
    read(ports.loss(), MemorySegment.ofArray(loss));
    return loss[0];
  }

  /** Images of the last step's batch that were classified right. */
  public long correct() {
    var correct = new long[1];
    read(ports.correct(), MemorySegment.ofArray(correct));
    return correct[0];
  }

  /** (batch, classes) of the last step or inference. */
  public float[] logits() {
    return floats(ports.logits());
  }

  /** Pooled features, (batch, final channels), of the last inference, with nothing loaded since. */
  public float[] features() {
    return floats(program.pooled().buffer());
  }

  private void write(Buffer buffer, MemorySegment values) {
    if (values.byteSize() != buffer.bytes()) {
      throw new IllegalArgumentException(
          "%s take %d bytes, but %d were given".formatted(buffer.name(), buffer.bytes(), values.byteSize()));
    }
    session.write(buffer.view(), values);
  }

  private float[] floats(Buffer buffer) {
    var values = new float[Math.toIntExact(buffer.bytes() / Float.BYTES)];
    read(buffer, MemorySegment.ofArray(values));
    return values;
  }

  private void read(Buffer buffer, MemorySegment values) {
    try (var _ = occupancy.enter()) {
      session.read(buffer.view(), values);
    }
  }

  /** Waits for a call that another thread is in. */
  @Override
  public void close() {
    occupancy.close(session::close);
  }
}
