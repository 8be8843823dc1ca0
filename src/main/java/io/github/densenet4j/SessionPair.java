package io.github.densenet4j;

import io.github.densenet4j.internal.backend.NetworkSession;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * A network's sessions for inference: one for a single image, which is answered soonest, and one for batches; the same
 * if a batch is a single image, or if two would not give an image the same bits. For one thread at a time.
 */
final class SessionPair implements AutoCloseable {
  private static final double FADE = 0.98;

  private final Timed single;
  private final Timed large;
  private final float[] images; // (batch, size, size, channels)

  /** A session, and what its last run took. */
  private static final class Timed {
    private final NetworkSession session;
    private boolean warm;
    private double seconds = Double.NaN;

    Timed(NetworkSession session) {
      this.session = session;
    }

    /** The first time is not taken: it is of much that happens once. */
    void took(long nanoseconds) {
      seconds = warm ? nanoseconds / 1e9 : Double.NaN;
      warm = true;
    }

    /** What was long ago counts less, so that a bad moment is not held against a session for good. */
    void fade() {
      seconds *= FADE;
    }
  }

  /** @param single null if {@code large} is for single images, too */
  private SessionPair(NetworkSession single, NetworkSession large) {
    this.large = new Timed(large);
    this.single = single == null ? this.large : new Timed(single);
    this.images = new float[Math.multiplyExact(large.batch(), large.imageValues())];
  }

  static SessionPair ofOne(NetworkSession session) {
    return new SessionPair(null, session);
  }

  /** Makes the large one first; none stays open if either fails. */
  static SessionPair of(Supplier<NetworkSession> large, Supplier<NetworkSession> single) {
    var first = large.get();
    try {
      return new SessionPair(first.batch() == 1 ? null : single.get(), first);
    } catch (RuntimeException | Error e) {
      first.close();
      throw e;
    }
  }

  /** The most images at a time. */
  int batch() {
    return large.session.batch();
  }

  /** The one for batches. */
  NetworkSession large() {
    return large.session;
  }

  /** @param jobs at least one, at most {@link #batch} */
  void infer(List<InferenceJob> jobs) {
    if (together(jobs.size())) {
      infer(large, jobs);
    } else {
      jobs.forEach(job -> infer(single, List.of(job)));
    }
  }

  /** Which way takes less time, by what each took last; what is not known yet is tried. Both give the same bits. */
  private boolean together(int count) {
    if (count == 1 || Double.isNaN(large.seconds)) {
      return count > 1;
    }
    return count * single.seconds > large.seconds; // false if it is not known
  }

  private void infer(Timed timed, List<InferenceJob> jobs) {
    long start = System.nanoTime();
    var session = timed.session;
    int values = session.imageValues();
    for (int i = 0; i < jobs.size(); i++) {
      System.arraycopy(jobs.get(i).image(), 0, images, i * values, values);
    }
    session.load(MemorySegment.ofArray(images).asSlice(0, (long) session.batch() * values * Float.BYTES));
    session.infer();
    handOut(jobs, session.logits(), session.batch(), InferenceJob::setLogits);
    if (jobs.stream().anyMatch(InferenceJob::featured)) {
      handOut(jobs, session.features(), session.batch(), InferenceJob::setFeatures);
    }
    timed.took(System.nanoTime() - start);
    (timed == large ? single : large).fade();
  }

  private static void handOut(
      List<InferenceJob> jobs, float[] values, int batch, BiConsumer<InferenceJob, float[]> taker) {
    int each = values.length / batch;
    for (int i = 0; i < jobs.size(); i++) {
      taker.accept(jobs.get(i), Arrays.copyOfRange(values, i * each, (i + 1) * each));
    }
  }

  @Override
  public void close() {
    try {
      large.session.close();
    } finally {
      single.session.close();
    }
  }
}
