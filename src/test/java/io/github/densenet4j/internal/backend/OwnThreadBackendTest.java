package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OwnThreadBackendTest {
  private final Set<Thread> users = ConcurrentHashMap.newKeySet();
  private final AtomicInteger open = new AtomicInteger();
  private final OwnThreadBackend backend = new OwnThreadBackend(new Watched());

  /** A device that notes who uses it. */
  private final class Watched implements Backend {
    private final FakeBackend device = new FakeBackend(1L << 40, 0, open);

    @Override
    public String name() {
      return "watched";
    }

    @Override
    public String description() {
      return "a device of this test";
    }

    @Override
    public long workspaceBytes(Op op) {
      users.add(Thread.currentThread());
      throw new ConfigurationException("no such operation");
    }

    @Override
    public ArenaPlan plan(Program program) {
      users.add(Thread.currentThread());
      return device.plan(program);
    }

    @Override
    public long availableBytes() {
      users.add(Thread.currentThread());
      return device.availableBytes();
    }

    @Override
    public Session load(Program program, ArenaPlan plan) {
      users.add(Thread.currentThread());
      return device.load(program, plan);
    }

    @Override
    public void close() {
      users.add(Thread.currentThread());
    }
  }

  @Test
  void everyCallIsMadeInOneThread() throws Exception {
    var program = Lowerings.standard().lower(SteppedNetwork.SMALL, Workload.inference(1));
    var session = new NetworkSession(backend, program);
    assertThat(open).hasValue(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.submit(session::close).get();
      threads.submit(backend::close).get();
    }
    assertThat(open).hasValue(0);
    assertThat(users).singleElement().isNotSameAs(Thread.currentThread());
  }

  @Test
  void errorsArriveAsTheyAreAndAnInterruptedThreadWaits() {
    assertThatThrownBy(() -> backend.workspaceBytes(null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("no such operation");
    Thread.currentThread().interrupt();
    assertThat(backend.availableBytes()).isEqualTo(1L << 40);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aClosedDeviceSaysSo() {
    backend.close();
    backend.close();
    assertThatThrownBy(backend::availableBytes)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the device watched is closed");
  }
}
