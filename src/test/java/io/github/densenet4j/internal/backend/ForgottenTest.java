package io.github.densenet4j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForgottenTest {
  private static final Logger LOGGER = Logger.getLogger("io.github.densenet4j");

  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final AtomicInteger freed = new AtomicInteger();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          logged.add(entry.getLevel() + " " + new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
  }

  @AfterEach
  void restore() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  @Test
  void whatWasForgottenIsGivenBackOnceAndSaidOnce() throws InterruptedException {
    watch(new Object());
    for (int i = 0; i < 500 && freed.get() == 0; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(freed).hasValue(1);
    assertThat(logged).containsOnlyOnce("WARNING a thing was not closed and is given back now: close it when it is done");
  }

  private Runnable watch(Object owner) {
    return Forgotten.watch(owner, "a thing", freed::incrementAndGet);
  }

  @Test
  void whatWasClosedIsNotSpokenOf() {
    var free = watch(new Object());
    free.run();
    free.run();
    assertThat(freed).hasValue(1);
    assertThat(logged).noneMatch(line -> line.contains("a thing"));
  }
}
