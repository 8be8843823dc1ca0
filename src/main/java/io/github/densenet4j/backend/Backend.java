package io.github.densenet4j.backend;

import io.github.densenet4j.memory.MemoryPlan;
import io.github.densenet4j.program.Op;
import io.github.densenet4j.program.Program;

/** A device with storage for a memory plan and with every operation of a program. */
public interface Backend {
  /** The device's name on the command line. */
  String name();

  /** One line for people: what the device is and how it is used. */
  String description();

  /** Scratch memory that {@code op} needs here, bytes; may be 0. */
  long workspaceBytes(Op op);

  /** Memory that a plan can have here now, bytes; {@link Long#MAX_VALUE} if that is not known. */
  long availableBytes();

  /** The most memory that a plan may have here, as the user wants it; {@link Long#MAX_VALUE} if there is no limit. */
  default long memoryLimit() {
    return Long.MAX_VALUE;
  }

  /** The places of a program's buffers on this device. */
  default MemoryPlan plan(Program program) {
    return MemoryPlan.of(program, this::workspaceBytes);
  }

  /**
   * Allocates the plan's arena, zeroed, and binds the program to it.
   *
   * @throws io.github.densenet4j.error.DeviceException if the device has too little memory
   */
  Session load(Program program, MemoryPlan plan);
}
