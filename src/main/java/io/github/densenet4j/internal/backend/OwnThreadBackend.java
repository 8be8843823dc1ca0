package io.github.densenet4j.internal.backend;

import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * A device that belongs to one thread, with a thread of its own to which it does belong: whoever uses it or its sessions
 * hands each call over and waits for it. So any thread may use and close them, by turns.
 */
public final class OwnThreadBackend implements Backend {
  private final Backend device;
  private final ExecutorService thread;

  /** @param device that no thread has used yet */
  public OwnThreadBackend(Backend device) {
    this.device = device;
    thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("densenet4j " + device.name()).factory());
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
    return call(device::measureCeiling);
  }

  @Override
  public Optional<KernelCount> kernels(Program program) {
    return device.kernels(program);
  }

  @Override
  public long workspaceBytes(Op op) {
    return call(() -> device.workspaceBytes(op));
  }

  @Override
  public long availableBytes() {
    return call(device::availableBytes);
  }

  @Override
  public SequencedMap<String, Long> besidesPlan(Program program) {
    return device.besidesPlan(program);
  }

  @Override
  public OptionalLong besidesPlansBytes() {
    return call(device::besidesPlansBytes);
  }

  @Override
  public ArenaPlan plan(Program program) {
    return call(() -> device.plan(program));
  }

  @Override
  public long leastBytes(Program program) {
    return call(() -> device.leastBytes(program));
  }

  @Override
  public Session load(Program program, ArenaPlan plan) {
    return new HandedOver(this, call(() -> device.load(program, plan)), program);
  }

  @Override
  public synchronized void close() {
    if (!thread.isShutdown()) {
      run(device::close);
      thread.shutdown();
    }
  }

  private void run(Runnable calls) {
    call(
        () -> {
          calls.run();
          return null;
        });
  }

  /** Waits even if it is interrupted: what is being computed cannot be left half done. */
  private <T> T call(Callable<T> calls) {
    boolean interrupted = false;
    try {
      var result = submitted(calls);
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException known -> throw known;
        case Error known -> throw known;
        default -> throw new IllegalStateException(e.getCause());
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T> Future<T> submitted(Callable<T> calls) {
    try {
      return thread.submit(calls);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the device " + name() + " is closed", e);
    }
  }

  /** A session whose calls run in the device's thread. */
  private static final class HandedOver implements Session {
    private final OwnThreadBackend owner;
    private final Session session;
    private final Occupancy occupancy = Occupancy.byTurns("session");
    private final Runnable free;

    HandedOver(OwnThreadBackend owner, Session session, Program program) {
      this.owner = owner;
      this.session = session;
      free = Forgotten.watch(this, program.description(), () -> owner.run(session::close));
    }

    @Override
    public void run(List<Phase> phases) {
      enter(() -> session.run(phases));
    }

    @Override
    public void finish() {
      enter(session::finish);
    }

    @Override
    public void run(Phase phase, long[] nanoseconds) {
      enter(() -> session.run(phase, nanoseconds));
    }

    @Override
    public void replay(Phase phase, long[] nanoseconds) {
      enter(() -> session.replay(phase, nanoseconds));
    }

    @Override
    public void write(BufferView target, MemorySegment source) {
      enter(() -> session.write(target, source));
    }

    @Override
    public void read(BufferView source, MemorySegment target) {
      enter(() -> session.read(source, target));
    }

    @Override
    public long allocatedBytes() {
      try (var _ = occupancy.enter()) {
        return owner.call(session::allocatedBytes);
      }
    }

    private void enter(Runnable calls) {
      try (var _ = occupancy.enter()) {
        owner.run(calls);
      }
    }

    @Override
    public void close() {
      occupancy.close(free);
    }
  }
}
