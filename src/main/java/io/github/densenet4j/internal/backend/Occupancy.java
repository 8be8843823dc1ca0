package io.github.densenet4j.internal.backend;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Who is in an object that is not made for several threads. A thread enters and leaves; who comes meanwhile is refused
 * instead of spoiling the work, and closing waits until the object is left. Entering allocates nothing.
 */
public final class Occupancy {
  private final String name;
  private final boolean ofOneThread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Visit visit = lock::unlock;
  private volatile Thread user;
  private volatile boolean closed;

  /** Leaves the object. */
  @FunctionalInterface
  public interface Visit extends AutoCloseable {
    @Override
    void close();
  }

  private Occupancy(String name, boolean ofOneThread) {
    this.name = name;
    this.ofOneThread = ofOneThread;
  }

  /**
   * Any thread may enter while no other is in.
   *
   * @param name of the object, such as {@code session}, in messages
   */
  public static Occupancy byTurns(String name) {
    return new Occupancy(name, false);
  }

  /** Only the first thread that enters may ever enter again. */
  public static Occupancy ofOneThread(String name) {
    return new Occupancy(name, true);
  }

  /** @throws IllegalStateException if the object is closed or another thread's */
  public Visit enter() {
    requireOpen();
    if (!lock.tryLock()) {
      throw used();
    }
    if (closed || ofOneThread && user != null && user != Thread.currentThread()) {
      lock.unlock();
      requireOpen();
      throw used();
    }
    user = Thread.currentThread();
    return visit;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the " + name + " is closed");
    }
  }

  private IllegalStateException used() {
    var other = user;
    return new IllegalStateException(
        "the %s is used by thread %s, and %s came as well: use one for each thread"
            .formatted(name, other == null ? "unknown" : named(other), named(Thread.currentThread())));
  }

  private static String named(Thread thread) {
    return thread.getName().isEmpty() ? thread.toString() : thread.getName();
  }

  /**
   * Waits until the object is left, then gives back what it holds. Any thread may close, and again: if {@code free}
   * throws, nothing is closed; once it is, nothing happens.
   */
  public void close(Runnable free) {
    lock.lock();
    try {
      if (!closed) {
        free.run();
        closed = true;
      }
    } finally {
      lock.unlock();
    }
  }
}
