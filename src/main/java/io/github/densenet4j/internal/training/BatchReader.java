package io.github.densenet4j.internal.training;

import java.util.ArrayList;
import java.util.List;

/**
 * Gives the batches of a sequence one after the other. Threads of its own make them ahead of their use, image by image
 * and in order, in a ring of batches; without such threads each is made when it is asked for. The bits are the same
 * with any number of threads, and so is the exception of an image that cannot be made: it comes with its batch.
 *
 * <p>For one thread at a time. {@link #close} waits for the images that are being made, so that no thread outlives it.
 */
public final class BatchReader implements AutoCloseable {
  private final BatchSequence sequence;
  private final List<Place> ring;
  private final List<Thread> threads = new ArrayList<>();
  private int batch; // the next one to give
  private int claimedBatch; // the next image to make
  private int claimedSlot;
  private boolean closed;

  /** A batch of the ring, and what is known of the images in it. */
  private static final class Place {
    final ImageBatch images;
    int made;
    int failedSlot;
    Throwable failure;

    Place(ImageBatch images) {
      this.images = images;
    }

    void clear() {
      made = 0;
      failure = null;
    }
  }

  /** An image to make. */
  private record Claim(int batch, int slot) {}

  private BatchReader(BatchSequence sequence, int first, List<ImageBatch> ring) {
    this.sequence = sequence;
    this.ring = ring.stream().map(Place::new).toList();
    batch = first;
    claimedBatch = first;
  }

  /**
   * Begins to read.
   *
   * @param first the batch to begin with
   * @param threads to make images ahead, 0 or more
   * @param ring of batches to be filled again and again, {@link #ringSize} of them
   */
  public static BatchReader open(BatchSequence sequence, int first, int threads, List<ImageBatch> ring) {
    if (ring.size() != ringSize(threads, sequence.batchSize())) {
      throw new IllegalArgumentException("a ring of %d batches for %d threads".formatted(ring.size(), threads));
    }
    var reader = new BatchReader(sequence, first, ring);
    try {
      for (int i = 1; i <= threads; i++) {
        reader.threads.add(Thread.ofPlatform().daemon().name("densenet4j reader " + i).start(reader::work));
      }
      return reader;
    } catch (RuntimeException | Error failure) { // the system refuses another thread
      reader.close();
      throw failure;
    }
  }

  /** The batches that are in memory at a time: one in use, two ahead of it, more if threads outnumber their images. */
  public static int ringSize(int threads, int batchSize) {
    return threads == 0 ? 1 : 2 + Math.ceilDiv(threads, batchSize);
  }

  /** The next batch. It stands until the next call; images that a partial one leaves are blank ones of class 0. */
  public ImageBatch next() {
    if (batch >= sequence.batches()) {
      throw new IllegalStateException("all %d batches were given".formatted(sequence.batches()));
    }
    if (threads.isEmpty()) {
      var only = ring.getFirst().images;
      sequence.fill(batch++, only);
      return only;
    }
    var place = awaitBatch();
    place.images.clearFrom(sequence.size(batch - 1));
    return place.images;
  }

  private synchronized Place awaitBatch() {
    var place = place(batch);
    place(batch + ring.size() - 1).clear(); // that of the batch before, which the threads get now
    batch++;
    notifyAll();
    boolean interrupted = false;
    while (place.made < sequence.size(batch - 1)) {
      interrupted |= awaitChange();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (place.failure) {
      case null -> {
        return place;
      }
      case RuntimeException known -> throw known;
      case Error known -> throw known;
      default -> throw new IllegalStateException(place.failure); // a source that throws what it does not declare
    }
  }

  /** Returns whether the thread was interrupted: a training goes on to where it can stop, as without threads. */
  private boolean awaitChange() {
    try {
      wait();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private Place place(int number) {
    return ring.get(number % ring.size());
  }

  /** What each thread does. */
  private void work() {
    for (var claim = claim(); claim != null; claim = claim()) {
      Throwable failure = null;
      try {
        sequence.put(claim.batch, claim.slot, place(claim.batch).images);
      } catch (Throwable e) {
        failure = e; // for who reads the batch
      }
      made(claim, failure);
    }
  }

  /** The next image, as soon as there is room for it; null if there is nothing more to do. */
  private synchronized Claim claim() {
    while (!closed && claimedBatch < sequence.batches() && claimedBatch >= batch - 1 + ring.size()) {
      awaitChange(); // nobody but a source interrupts these threads
    }
    if (closed || claimedBatch >= sequence.batches()) {
      return null;
    }
    var claim = new Claim(claimedBatch, claimedSlot++);
    if (claimedSlot == sequence.size(claimedBatch)) {
      claimedBatch++;
      claimedSlot = 0;
    }
    return claim;
  }

  private synchronized void made(Claim claim, Throwable failure) {
    var place = place(claim.batch);
    place.made++;
    if (failure != null && (place.failure == null || claim.slot < place.failedSlot)) {
      place.failure = failure;
      place.failedSlot = claim.slot;
    }
    if (place.made == sequence.size(claim.batch)) {
      notifyAll();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    for (var thread : threads) {
      interrupted |= awaitEnd(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
