package io.github.densenet4j.internal.backend;

import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.memory.OwnBuffer;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * A device of which only a part may be used.
 *
 * @param memoryLimit the most memory that a plan may have, bytes
 */
public record LimitedBackend(Backend device, long memoryLimit) implements Backend {
  /** @throws ConfigurationException if the limit is below one byte */
  public LimitedBackend {
    if (memoryLimit < 1) {
      throw new ConfigurationException(
          "memory limit is " + memoryLimit + " bytes, it must be at least 1", "memory limit");
    }
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public String computes() {
    return device.computes();
  }

  @Override
  public String processor() {
    return device.processor();
  }

  @Override
  public Precision precision(Strategy strategy) {
    return device.precision(strategy);
  }

  @Override
  public boolean keepsBitsInBatches(Strategy strategy) {
    return device.keepsBitsInBatches(strategy);
  }

  @Override
  public Optional<Ceiling> measureCeiling() {
    return device.measureCeiling();
  }

  @Override
  public Optional<KernelCount> kernels(Program program) {
    return device.kernels(program);
  }

  @Override
  public long workspaceBytes(Op op) {
    return device.workspaceBytes(op);
  }

  @Override
  public List<OwnBuffer> ownBuffers(Program program) {
    return device.ownBuffers(program);
  }

  @Override
  public long availableBytes() {
    return device.availableBytes();
  }

  @Override
  public SequencedMap<String, Long> besidesPlan(Program program) {
    return device.besidesPlan(program);
  }

  @Override
  public OptionalLong besidesPlansBytes() {
    return device.besidesPlansBytes();
  }

  @Override
  public ArenaPlan plan(Program program) {
    return device.plan(program);
  }

  @Override
  public long leastBytes(Program program) {
    return device.leastBytes(program);
  }

  @Override
  public Session load(Program program, ArenaPlan plan) {
    return device.load(program, plan);
  }

  @Override
  public void close() {
    device.close();
  }
}
