package io.github.densenet4j.internal.backend;

import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.memory.OwnBuffer;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/** A device with storage for a memory plan and with every operation of a program. */
public interface Backend extends AutoCloseable {
  /** The device's name on the command line. */
  String name();

  /** One line for people: what the device is and how it is used. */
  String description();

  /** The device's name, and what was chosen that changes how it computes. */
  default String computes() {
    return name();
  }

  /** The kind of processor, as far as results depend on it: another one may round otherwise. */
  default String processor() {
    return description();
  }

  /** How feature maps are best stored here. */
  default Precision precision(Strategy strategy) {
    return Precision.FLOAT32;
  }

  /** Whether what is made of an image has the same bits in any batch, with the kernels of one ({@link Workload}). */
  default boolean keepsBitsInBatches(Strategy strategy) {
    return true;
  }

  /** Measures what the device does at most; empty where times say nothing of kernels. */
  default Optional<Ceiling> measureCeiling() {
    return Optional.empty();
  }

  /** The kernels of a step, or of an inference, where all are known beforehand. */
  default Optional<KernelCount> kernels(Program program) {
    return Optional.empty();
  }

  /** Scratch memory that {@code op} needs here, bytes; may be 0. */
  long workspaceBytes(Op op);

  /** Memory that a plan can have here now, bytes; {@link Long#MAX_VALUE} if that is not known. */
  long availableBytes();

  /** The most memory that a plan may have here, as the user wants it; {@link Long#MAX_VALUE} if there is no limit. */
  default long memoryLimit() {
    return Long.MAX_VALUE;
  }

  /** What a session is known to take besides its plan, bytes by what it is; empty if there is none worth telling. */
  default SequencedMap<String, Long> besidesPlan(Program program) {
    return Collections.emptyNavigableMap();
  }

  /**
   * What was taken of the device's own memory, besides the plans of open sessions, since it was first used, bytes: by
   * libraries for instance, which load what they need when a step first runs. Also counts what other processes took
   * meanwhile. Empty if the device has no memory of its own, or was not used.
   */
  default OptionalLong besidesPlansBytes() {
    return OptionalLong.empty();
  }

  /** What the device needs for {@code program} besides its buffers and scratch memory. */
  default List<OwnBuffer> ownBuffers(Program program) {
    return List.of();
  }

  /** The places of a program's buffers on this device. */
  default ArenaPlan plan(Program program) {
    return ArenaPlan.of(program, this::workspaceBytes, ownBuffers(program));
  }

  /** No plan of {@code program} has less, bytes; takes much less time than {@link #plan}. */
  default long leastBytes(Program program) {
    return ArenaPlan.lowerBoundBytes(program, this::workspaceBytes, ownBuffers(program));
  }

  /**
   * Allocates the plan's arena, zeroed, and binds the program to it.
   *
   * @throws io.github.densenet4j.error.DeviceException if the device has too little memory
   */
  Session load(Program program, ArenaPlan plan);

  /** Gives back what the device holds for all sessions; they are closed before. */
  @Override
  default void close() {}
}
