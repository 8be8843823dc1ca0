package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who computes what, and who hears of it, on a device that stops where the test wants it to. */
@Timeout(20)
class ComputeQueueTest {
  private static final DenseNetConfig TINY =
      new DenseNetConfig("tiny", 4, List.of(1), 8, 4, 0.5, 0, Stem.CIFAR, 1, 2, 3);
  private static final int BATCH = 4;

  private final Gate gate = new Gate();
  private final ComputeQueue queue = new ComputeQueue(SessionPair.of(() -> session(BATCH), () -> session(1)));

  private NetworkSession session(int batch) {
    return new NetworkSession(gate, Lowerings.standard().lower(TINY, Workload.inference(batch)));
  }

  private static List<InferenceJob> jobs(int count) {
    return IntStream.range(0, count).mapToObj(_ -> new InferenceJob(new float[4], false)).toList();
  }

  private void untilWaiting(int images) {
    while (queue.waiting() < images) {
      Thread.onSpinWait();
    }
  }

  @Test
  void imagesThatComeMeanwhileAreComputedTogether() throws Exception {
    try (var threads = Executors.newCachedThreadPool()) {
      gate.shut();
      var calls = new ArrayList<Future<?>>();
      calls.add(threads.submit(() -> queue.compute(jobs(1))));
      gate.awaitVisitor();
      for (int i = 0; i < 4; i++) {
        var call = threads.submit(() -> queue.compute(jobs(1)));
        calls.add(call);
      }
      untilWaiting(4);
      gate.open();
      for (var call : calls) {
        call.get();
      }
    }
    assertThat(gate.inferences()).startsWith(1).contains(BATCH);
  }

  @Test
  void anErrorReachesAllWhoseImagesWereInTheBatchAndNobodyElse() throws Exception {
    try (var threads = Executors.newCachedThreadPool()) {
      gate.shut();
      var fine = threads.submit(() -> queue.compute(jobs(1)));
      gate.awaitVisitor();
      var failing = new ArrayList<Future<?>>();
      for (int i = 0; i < 2; i++) {
        var call = threads.submit(() -> queue.compute(jobs(2)));
        failing.add(call);
      }
      untilWaiting(4);
      gate.failOnce();
      gate.open();
      fine.get();
      for (var call : failing) {
        assertThatThrownBy(call::get).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(DeviceException.class);
      }
      queue.compute(jobs(3));
    }
  }

  @Test
  void closingWaitsForWhoIsInAndLetsNobodyIn() throws Exception {
    try (var threads = Executors.newCachedThreadPool()) {
      gate.shut();
      var call =
          threads.submit(
              () -> {
                try (var _ = queue.enter()) {
                  queue.compute(jobs(1));
                }
              });
      gate.awaitVisitor();
      var closing = threads.submit(queue::close);
      while (closing.state() == Future.State.RUNNING && entersStill()) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(queue::enter).isInstanceOf(IllegalStateException.class).hasMessage("the predictor is closed");
      assertThat(closing.isDone()).isFalse();
      assertThat(gate.open).isEqualTo(2);
      gate.open();
      call.get();
      closing.get();
      assertThat(gate.open).isZero();
    }
  }

  private boolean entersStill() {
    try (var _ = queue.enter()) {
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void closingInTheThreadThatComputesIsRefused() {
    queue.alone(
        _ -> {
          assertThatThrownBy(queue::close).isInstanceOf(IllegalStateException.class);
          return null;
        });
    queue.close();
    assertThat(gate.open).isZero();
  }

  @Test
  void aFirstSessionIsNotLeftOpenIfTheSecondFails() {
    queue.close();
    assertThatThrownBy(
            () ->
                SessionPair.of(
                    () -> session(BATCH),
                    () -> {
                      throw new DeviceException("full");
                    }))
        .hasMessage("full");
    assertThat(gate.open).isZero();
  }

  /** A device whose inferences wait, or fail. */
  private static final class Gate implements Backend {
    private final List<Integer> inferences = new ArrayList<>();
    private final CountDownLatch visited = new CountDownLatch(1);
    private volatile CountDownLatch latch = new CountDownLatch(0);
    private volatile boolean failing;
    private volatile int open;

    void shut() {
      latch = new CountDownLatch(1);
    }

    void open() {
      latch.countDown();
    }

    void failOnce() {
      failing = true;
    }

    void awaitVisitor() throws InterruptedException {
      assertThat(visited.await(10, TimeUnit.SECONDS)).isTrue();
    }

    synchronized List<Integer> inferences() {
      return List.copyOf(inferences);
    }

    private void infer(int batch) {
      synchronized (this) {
        inferences.add(batch);
      }
      visited.countDown();
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (failing && batch == BATCH) {
        failing = false;
        throw new DeviceException("the gate fell");
      }
    }

    @Override
    public String name() {
      return "gate";
    }

    @Override
    public String description() {
      return "a device of this test";
    }

    @Override
    public long workspaceBytes(Op op) {
      return 0;
    }

    @Override
    public long availableBytes() {
      return Long.MAX_VALUE;
    }

    @Override
    public Session load(Program program, ArenaPlan plan) {
      open++;
      return new Session() {
        @Override
        public void run(List<Phase> phases) {
          infer(program.workload().batch());
        }

        @Override
        public void finish() {}

        @Override
        public void run(Phase phase, long[] nanoseconds) {
          throw new AssertionError("nothing is profiled");
        }

        @Override
        public void write(BufferView target, MemorySegment source) {}

        @Override
        public void read(BufferView source, MemorySegment target) {}

        @Override
        public long allocatedBytes() {
          return plan.totalBytes();
        }

        @Override
        public void close() {
          open--;
        }
      };
    }
  }
}
