package io.github.densenet4j.internal.backend;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Ports;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.Buffer;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A network on a device: a session with typed access to the program's ports. One step is a {@code load}, {@link #step};
 * one inference is a {@code load}, {@link #infer}. Images are loaded as bytes, which the device normalises, flips and
 * shifts, or as floats, as the network reads them. Not safe for use by several threads at a time.
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
  private final long[] control = new long[3];

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
    folded = false;
    write(ports.parameters(), values);
  }

  public float[] parameters() {
    return floats(ports.parameters());
  }

  /** @param values running statistics, as the program's parameters lay them out */
  public void setRunning(float[] values) {
    folded = false;
    write(ports.running(), values);
  }

  public float[] running() {
    return floats(ports.running());
  }

  /** @param values the optimizer's momentum, laid out like the learnable values */
  public void setVelocity(float[] values) {
    write(ports.velocity(), values);
  }

  public float[] velocity() {
    return floats(ports.velocity());
  }

  /** The gradients of the last step, laid out like the learnable values. */
  public float[] gradients() {
    return floats(ports.gradients());
  }

  /**
   * How images that are loaded as bytes are normalised.
   *
   * @param levels (channels, 256): the normalised value of each level
   */
  public void setLevels(float[] levels) {
    write(ports.levels(), levels);
    levelled = true;
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
    if (!levelled) {
      throw new IllegalStateException("images as bytes cannot be normalised yet: set levels before they are loaded");
    }
    write(ports.pixels(), MemorySegment.ofArray(pixels));
    write(ports.placement(), MemorySegment.ofArray(placement));
    bytesLoaded = true;
  }

  /**
   * The images and labels of the next step, the images as bytes.
   *
   * @param labels (batch), in [0, classes)
   */
  public void load(byte[] pixels, int[] placement, int[] labels) {
    load(pixels, placement);
    write(ports.labels(), MemorySegment.ofArray(labels));
  }

  /**
   * The images of the next step.
   *
   * @param images float32 (batch, size, size, channels), normalised
   */
  public void load(MemorySegment images) {
    bytesLoaded = false;
    session.write(ports.images().view(), images);
  }

  /**
   * The images and labels of the next step.
   *
   * @param labels int32 (batch), in [0, classes)
   */
  public void load(MemorySegment images, MemorySegment labels) {
    load(images);
    session.write(ports.labels().view(), labels);
  }

  /**
   * Forward, backward and the optimizer's step. A device may return before they are done; whoever reads waits.
   *
   * @param learningRate of this step
   * @param step counts steps from 0; with the seed it gives the dropout masks
   */
  public void step(double learningRate, long step, long seed) {
    prepare(learningRate, step, seed);
    session.run(training());
    bytesLoaded = false;
  }

  /** The same, and adds the time of every operation to {@code profile}. */
  public void step(double learningRate, long step, long seed, StepProfile profile) {
    prepare(learningRate, step, seed);
    for (var phase : training()) {
      session.run(phase, profile.nanoseconds(phase));
    }
    bytesLoaded = false;
  }

  private List<Phase> training() {
    return bytesLoaded ? STEP_OF_BYTES : STEP;
  }

  private void prepare(double learningRate, long step, long seed) {
    folded = false;
    control[0] = Double.doubleToRawLongBits(learningRate);
    control[1] = step;
    control[2] = seed;
    session.write(ports.control().view(), MemorySegment.ofArray(control));
  }

  /** Logits of the loaded images with running statistics. */
  public void infer() {
    session.run(inference());
    inferred();
  }

  /** The same, and adds the time of every operation to {@code profile}. */
  public void infer(StepProfile profile) {
    for (var phase : inference()) {
      session.run(phase, profile.nanoseconds(phase));
    }
    inferred();
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
    session.finish();
  }

  /** Mean cross entropy of the last step's batch, before its update. */
  public double loss() {
    var loss = new double[1];
    session.read(ports.loss().view(), MemorySegment.ofArray(loss));
    return loss[0];
  }

  /** Images of the last step's batch that were classified right. */
  public long correct() {
    var correct = new long[1];
    session.read(ports.correct().view(), MemorySegment.ofArray(correct));
    return correct[0];
  }

  /** (batch, classes) of the last step or inference. */
  public float[] logits() {
    return floats(ports.logits());
  }

  private void write(Buffer buffer, float[] values) {
    write(buffer, MemorySegment.ofArray(values));
  }

  private void write(Buffer buffer, MemorySegment values) {
    if (values.byteSize() != buffer.bytes()) {
      throw new IllegalArgumentException(values.byteSize() + " bytes for " + buffer);
    }
    session.write(buffer.view(), values);
  }

  private float[] floats(Buffer buffer) {
    var values = new float[Math.toIntExact(buffer.bytes() / Float.BYTES)];
    session.read(buffer.view(), MemorySegment.ofArray(values));
    return values;
  }

  @Override
  public void close() {
    session.close();
  }
}
