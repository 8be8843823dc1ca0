package io.github.densenet4j;

import io.github.densenet4j.internal.backend.NetworkSession;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Gathers the images of several threads into batches, without a thread of its own: of those who wait for images, one
 * leads, that is, computes the next batch, whose images it may be; then another does.
 */
final class ComputeQueue implements AutoCloseable {
  private final SessionPair sessions;
  private final Deque<InferenceJob> waiting = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Thread leader;
  private int callers;
  private boolean closing;

  ComputeQueue(SessionPair sessions) {
    this.sessions = sessions;
  }

  /** Puts jobs through the network, and waits until all are done. */
  void compute(List<InferenceJob> jobs) {
    lock.lock();
    try {
      waiting.addAll(jobs);
      changed.signalAll();
      while (!jobs.stream().allMatch(job -> job.isDone())) {
        if (jobs.stream().anyMatch(job -> job.failure() != null)) {
          abandon(jobs);
        } else if (leader != null) {
          changed.awaitUninterruptibly();
        } else {
          lead();
        }
      }
    } finally {
      lock.unlock();
    }
    jobs.stream().map(job -> job.failure()).filter(failure -> failure != null).findFirst().ifPresent(ComputeQueue::rethrow);
  }

  /** One batch failed: what waits need not be computed, but what another thread computes must be waited for. */
  private void abandon(List<InferenceJob> jobs) {
    waiting.removeAll(jobs);
    jobs.stream().filter(job -> !job.isTaken()).forEach(InferenceJob::skip);
    while (jobs.stream().anyMatch(job -> !job.isDone())) {
      changed.awaitUninterruptibly();
    }
  }

  private static void rethrow(Throwable failure) {
    switch (failure) {
      case RuntimeException known -> throw known;
      case Error known -> throw known;
      default -> throw new IllegalStateException(failure);
    }
  }

  /** Computes the next batch, while others may queue. */
  private void lead() {
    var batch = new ArrayList<InferenceJob>();
    while (batch.size() < sessions.batch() && !waiting.isEmpty()) {
      var job = waiting.poll();
      job.take();
      batch.add(job);
    }
    leader = Thread.currentThread();
    lock.unlock();
    Throwable failure = null;
    try {
      sessions.infer(batch);
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    lock.lock();
    leader = null;
    for (var job : batch) {
      job.finish(failure);
    }
    changed.signalAll();
  }

  /** The images that nobody computes yet. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Has the session of the large batch for {@code calls} alone. */
  <T> T alone(Function<NetworkSession, T> calls) {
    lock.lock();
    try {
      while (leader != null) {
        changed.awaitUninterruptibly();
      }
      leader = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    try {
      return calls.apply(sessions.large());
    } finally {
      lock.lock();
      leader = null;
      changed.signalAll();
      lock.unlock();
    }
  }

  /** Counts a caller in, until it is counted out by closing what is returned. */
  Call enter() {
    lock.lock();
    try {
      if (closing) {
        throw new IllegalStateException("the predictor is closed");
      }
      callers++;
      return this::leave;
    } finally {
      lock.unlock();
    }
  }

  /** A caller's presence. */
  interface Call extends AutoCloseable {
    @Override
    void close();
  }

  private void leave() {
    lock.lock();
    try {
      callers--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets nobody in any more, waits for those who are, and gives back what the sessions hold. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (leader == Thread.currentThread()) {
        throw new IllegalStateException("the predictor is computing in this thread: close it when that is done");
      }
      closing = true;
      while (callers > 0) {
        changed.awaitUninterruptibly();
      }
      sessions.close();
    } finally {
      lock.unlock();
    }
  }
}
