package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OccupancyTest {
  private static Throwable inAnother(String name, Runnable calls) {
    var thrown = new AtomicReference<Throwable>();
    try {
      Thread.ofPlatform().name(name).start(() -> thrown.set(catchThrowable(calls::run))).join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return thrown.get();
  }

  @Test
  void aSecondThreadIsRefusedWhileOneIsIn() {
    var occupancy = Occupancy.byTurns("thing");
    try (var _ = occupancy.enter(); var _ = occupancy.enter()) {
      assertThat(inAnother("stranger", occupancy::enter))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the thing is used by thread %s, and stranger came as well: use one for each thread"
                  .formatted(Thread.currentThread().getName()));
    }
    assertThat(inAnother("next", () -> occupancy.enter().close())).isNull();
    occupancy.enter().close();
  }

  @Test
  void whatIsOfOneThreadStaysSo() {
    var occupancy = Occupancy.ofOneThread("thing");
    occupancy.enter().close();
    assertThat(inAnother("stranger", occupancy::enter))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stranger");
    occupancy.enter().close();
    assertThat(inAnother("closer", () -> occupancy.close(() -> {}))).isNull();
    assertThatThrownBy(occupancy::enter).hasMessage("the thing is closed");
  }

  @Test
  void closingWaitsAndHappensOnce() throws InterruptedException {
    var occupancy = Occupancy.byTurns("thing");
    var freed = new AtomicInteger();
    var begun = new CountDownLatch(1);
    Thread closer;
    try (var _ = occupancy.enter()) {
      closer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    begun.countDown();
                    occupancy.close(freed::incrementAndGet);
                  });
      begun.await();
      while (closer.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(freed).hasValue(0);
    }
    closer.join();
    occupancy.close(freed::incrementAndGet);
    assertThat(freed).hasValue(1);
    assertThatThrownBy(occupancy::enter).isInstanceOf(IllegalStateException.class).hasMessage("the thing is closed");
  }

  @Test
  void aClosingThatFailsCanBeRepeated() {
    var occupancy = Occupancy.byTurns("thing");
    assertThatThrownBy(
            () ->
                occupancy.close(
                    () -> {
                      throw new IllegalArgumentException("not yet");
                    }))
        .hasMessage("not yet");
    occupancy.enter().close();
    var freed = new AtomicInteger();
    occupancy.close(freed::incrementAndGet);
    assertThat(freed).hasValue(1);
  }
}
