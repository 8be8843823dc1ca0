package io.github.densenet4j.internal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.data.WatchedImages;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.checkpoint.Normalization;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class BatchReaderTest {
  private static final int IMAGES = 23;
  private static final int VALUES = 3 * 5 * 2;
  private static final Normalization NORMALIZATION = new Normalization(List.of(120.0, 130.0), List.of(60.0, 70.0));

  private final ImageSource bytes =
      ImageSource.of(TestFiles.randomBytes(IMAGES * VALUES, 1), IntStream.range(0, IMAGES).toArray(), 3, 5, 2);

  private ImageSource watched(IntConsumer reading) {
    return new WatchedImages(bytes, ImageSource.Pixels.UINT8, reading);
  }

  private static BatchReader evaluate(ImageSource images, int batch, int threads) {
    return ring(images, batch, threads).read(new EvaluationBatches(images, batch), 0);
  }

  private static BatchRing ring(ImageSource images, int batch, int threads) {
    return BatchRing.of(images, batch, NORMALIZATION, OptionalInt.of(threads));
  }

  @AfterEach
  void noThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet()).noneMatch(t -> t.getName().startsWith("densenet4j reader"));
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "1, 5", "2, 5", "7, 5", "2, 1", "7, 1", "3, 23"})
  void theBitsAreThoseOfBatchesMadeOneByOne(int threads, int batch) {
    for (var pixels : ImageSource.Pixels.values()) {
      var images = new WatchedImages(bytes, pixels, _ -> {});
      var epoch = new Batches(images, Augmentation.CIFAR, batch, 3).epoch(2);
      for (int first = 0; first < epoch.batches(); first += 2) {
        try (var reader = ring(images, batch, threads).read(epoch, first)) {
          checkBatches(reader, epoch, first, images);
        }
      }
      try (var reader = evaluate(images, batch, threads)) {
        checkBatches(reader, new EvaluationBatches(images, batch), 0, images);
      }
    }
  }

  private static void checkBatches(BatchReader reader, BatchSequence sequence, int first, ImageSource images) {
    var expected = ImageBatch.of(images, sequence.batchSize(), NORMALIZATION);
    for (int batch = first; batch < sequence.batches(); batch++) {
      sequence.fill(batch, expected);
      var found = reader.next();
      assertThat(found.labels()).isEqualTo(expected.labels());
      assertThat(values(found)).isEqualTo(values(expected));
    }
    assertThatThrownBy(reader::next).isInstanceOf(IllegalStateException.class);
  }

  private static List<Object> values(ImageBatch batch) {
    return switch (batch) {
      case ByteBatch one -> List.of(new String(one.pixels(), java.nio.charset.StandardCharsets.ISO_8859_1),
          IntStream.of(one.placement()).boxed().toList());
      case FloatBatch one -> {
        var all = new ArrayList<Object>();
        for (float value : one.values()) {
          all.add(value);
        }
        yield all;
      }
    };
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 4", "7, 2"})
  void noMoreIsReadAheadThanTheRingHolds(int threads, int batch) throws InterruptedException {
    var given = new AtomicInteger();
    var tooEarly = new AtomicInteger();
    int ring = BatchReader.ringSize(threads, batch);
    var ahead = new CountDownLatch((ring - 1) * batch);
    var images = watched(index -> {
      tooEarly.addAndGet(index / batch > given.get() - 2 + ring ? 1 : 0);
      ahead.countDown();
    });
    try (var reader = evaluate(images, batch, threads)) {
      ahead.await(); // all that there is room for is read before anything is asked for
      for (int b = 0; b < (IMAGES - 1) / batch + 1; b++) {
        given.incrementAndGet();
        reader.next();
      }
    }
    assertThat(tooEarly).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7})
  void anImageThatCannotBeReadComesWithItsBatch(int threads) {
    var failures = IntStream.range(0, IMAGES).mapToObj(i -> new DataException("image " + i)).toList();
    var images = watched(index -> {
      if (index >= 13 && index != 15) {
        throw failures.get(index);
      }
    });
    try (var reader = evaluate(images, 5, threads)) {
      assertThat(reader.next().labels()).containsExactly(0, 1, 2, 3, 4);
      assertThat(reader.next().labels()).containsExactly(5, 6, 7, 8, 9);
      assertThatThrownBy(reader::next).isSameAs(failures.get(13));
    }
  }

  @Test
  void anErrorOfAThreadIsTheReaders() {
    var heap = new OutOfMemoryError("Java heap space");
    var images = watched(_ -> {
      throw heap;
    });
    try (var reader = evaluate(images, 5, 3)) {
      assertThatThrownBy(reader::next).isSameAs(heap);
    }
  }

  @Test
  void closingWaitsForTheImagesThatAreBeingRead() throws InterruptedException {
    var reading = new CountDownLatch(2);
    var goOn = new CountDownLatch(1);
    var read = new AtomicInteger();
    var images = watched(_ -> {
      reading.countDown();
      await(goOn);
      read.incrementAndGet();
    });
    var reader = evaluate(images, 5, 2);
    reading.await();
    var closing = Thread.ofPlatform().start(reader::close);
    while (closing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    closing.join();
    assertThat(read).hasValue(2);
  }

  @Test
  void anInterruptedThreadGetsItsBatchAndStaysInterrupted() throws InterruptedException {
    var goOn = new CountDownLatch(1);
    var images = watched(_ -> await(goOn));
    try (var reader = evaluate(images, 5, 2)) {
      var labels = new ArrayList<Integer>();
      var interrupted = new AtomicInteger();
      var asking = Thread.ofPlatform().start(() -> {
        labels.addAll(IntStream.of(reader.next().labels()).boxed().toList());
        interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
      });
      asking.interrupt();
      goOn.countDown();
      asking.join();
      assertThat(labels).containsExactly(0, 1, 2, 3, 4);
      assertThat(interrupted).hasValue(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void imagesInMemoryNeedNoThreads() {
    assertThat(BatchRing.of(bytes.slice(1, 9), 4, NORMALIZATION, OptionalInt.empty()))
        .returns(0, BatchRing::threads)
        .returns(1, ring -> ring.batches().size());
    int processors = Runtime.getRuntime().availableProcessors();
    assertThat(BatchRing.threads(OptionalInt.empty(), watched(_ -> {}))).isEqualTo(processors);
    assertThat(BatchRing.threads(OptionalInt.of(5), bytes)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1025})
  void refusesNumbersOfThreadsThatNoProcessHas(int threads) {
    assertThatThrownBy(() -> BatchRing.requireThreads(threads))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("number of readers is %d, it must be at least 0 and at most 1024", threads);
    assertThat(BatchRing.requireThreads(1024)).isEqualTo(1024);
  }

  @Test
  void theRingGrowsWithThreadsThatHaveNoImageElse() {
    assertThat(IntStream.of(0, 1, 4, 5).mapToObj(t -> BatchReader.ringSize(t, 4)).collect(Collectors.toList()))
        .containsExactly(1, 3, 3, 4);
    assertThatThrownBy(() -> BatchReader.open(new EvaluationBatches(bytes, 4), 0, 1, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
