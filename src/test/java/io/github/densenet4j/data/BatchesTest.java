package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
  private static final Normalization GREY = new Normalization(List.of(100.0), List.of(50.0));

  private static final int UNCHANGED = 4 * 9 + 4;

  /** A filled batch: pixels (N, H, W, C) and labels (N). */
  private record Batch(float[] pixels, int[] labels) {
    float[] image(int slot) {
      int size = pixels.length / labels.length;
      return Arrays.copyOfRange(pixels, slot * size, (slot + 1) * size);
    }
  }

  @Test
  void anEpochIsAPermutationWithoutTheLeftover() {
    var batches = new Batches(numbered(103, 1, 1, 1), GREY, Augmentation.NONE, 10, 42);
    assertThat(batches.batchSize()).isEqualTo(10);
    assertThat(batches.batchesPerEpoch()).isEqualTo(10);
    var epochs = new HashSet<List<Integer>>();
    for (long epoch = 0; epoch < 20; epoch++) {
      List<Integer> order = order(batches, epoch);
      assertThat(order).doesNotHaveDuplicates().hasSize(100).allMatch(i -> i < 103);
      epochs.add(order);
    }
    assertThat(epochs).hasSize(20);
  }

  @Test
  void aBatchMayHoldTheWholeSet() {
    var batches = new Batches(numbered(9, 1, 1, 1), GREY, Augmentation.NONE, 9, 42);
    assertThat(order(batches, 3)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void seedsGiveDifferentOrders() {
    var images = numbered(50, 1, 1, 1);
    assertThat(order(new Batches(images, GREY, Augmentation.NONE, 50, 1), 0))
        .isNotEqualTo(order(new Batches(images, GREY, Augmentation.NONE, 50, 2), 0));
  }

  @Test
  void imagesKeepTheirLabelsAndAreNormalized() {
    var images = numbered(20, 3, 5, 1);
    Batch batch = fill(new Batches(images, GREY, Augmentation.NONE, 20, 7), images, 0, 0);
    for (int slot = 0; slot < 20; slot++) {
      assertThat(batch.image(slot)).isEqualTo(augmented(images, batch.labels()[slot], GREY, UNCHANGED));
    }
  }

  @ParameterizedTest
  @CsvSource({"8, 8, 3", "5, 9, 1", "32, 32, 3", "9, 4, 2", "3, 3, 4", "1, 1, 1"})
  void everyAugmentedImageIsOneOfThe162Possible(int height, int width, int channels) {
    var images = numbered(40, height, width, channels);
    var normalization = Normalization.of(images);
    Batch batch = fill(new Batches(images, normalization, Augmentation.CIFAR, 40, 11), images, 2, 0);
    for (int slot = 0; slot < 40; slot++) {
      assertThat(draws(images, batch, slot, normalization)).isNotEmpty();
    }
  }

  @Test
  void flipsAndShiftsAreUniform() {
    var one = numbered(1, 12, 12, 1);
    var drawOf = new HashMap<FloatBuffer, Integer>();
    for (int draw = 0; draw < 162; draw++) {
      drawOf.put(FloatBuffer.wrap(augmented(one, 0, GREY, draw)), draw);
    }
    var images = one.reordered(new int[5_000]);
    Batch batch = fill(new Batches(images, GREY, Augmentation.CIFAR, 5_000, 5), images, 0, 0);
    int flips = 0;
    int[] places = new int[81];
    for (int slot = 0; slot < 5_000; slot++) {
      int draw = drawOf.get(FloatBuffer.wrap(batch.image(slot)));
      flips += draw / 81;
      places[draw % 81]++;
    }
    // Five standard deviations sqrt(n p (1 - p)) of 5,000 draws: 35 for a flip, 7.8 for each of 81 places.
    assertThat(Math.abs(flips - 2_500)).isLessThan(5 * 36);
    assertThat(IntStream.of(places)).allMatch(n -> Math.abs(n - 5_000 / 81) <= 5 * 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7})
  void anImageIsAugmentedAlikeInBatchesOfAnySize(int batchSize) {
    var images = numbered(21, 8, 8, 3);
    var normalization = Normalization.of(images);
    var whole = fill(new Batches(images, normalization, Augmentation.CIFAR, 21, 3), images, 4, 0);
    var batches = new Batches(images, normalization, Augmentation.CIFAR, batchSize, 3);
    for (int b = 0; b < batches.batchesPerEpoch(); b++) {
      Batch batch = fill(batches, images, 4, b);
      for (int slot = 0; slot < batchSize; slot++) {
        assertThat(batch.labels()[slot]).isEqualTo(whole.labels()[b * batchSize + slot]);
        assertThat(batch.image(slot)).isEqualTo(whole.image(b * batchSize + slot));
      }
    }
  }

  @Test
  void aRunResumedAnywhereSeesTheSameBatches() {
    var images = numbered(50, 8, 8, 3);
    var normalization = Normalization.of(images);
    var uninterrupted = new Batches(images, normalization, Augmentation.CIFAR, 16, 9);
    for (long epoch = 0; epoch < 3; epoch++) {
      for (int b = 0; b < uninterrupted.batchesPerEpoch(); b++) {
        Batch expected = fill(uninterrupted, images, epoch, b);
        Batch resumed = fill(new Batches(images, normalization, Augmentation.CIFAR, 16, 9), images, epoch, b);
        assertThat(resumed.pixels()).isEqualTo(expected.pixels());
        assertThat(resumed.labels()).isEqualTo(expected.labels());
      }
    }
  }

  @Test
  void theBitsOfABatchNeverChange() {
    var images = numbered(30, 8, 8, 3);
    var normalization = new Normalization(List.of(125.3, 123.0, 113.9), List.of(63.0, 62.1, 66.7));
    Batch batch = fill(new Batches(images, normalization, Augmentation.CIFAR, 8, 1), images, 5, 1);
    assertThat(batch.labels()).containsExactly(11, 8, 4, 27, 13, 18, 2, 17);
    assertThat(Arrays.hashCode(batch.pixels())).isEqualTo(-1342294668);
  }

  @Test
  void writesNothingBeyondTheBatch() {
    var images = numbered(10, 4, 4, 1);
    try (var arena = Arena.ofConfined()) {
      MemorySegment pixels = arena.allocate(4 * 64 + 16, 64).fill((byte) 0x5a);
      MemorySegment labels = arena.allocate(4 * 4 + 16, 64).fill((byte) 0x5a);
      new Batches(images, GREY, Augmentation.CIFAR, 4, 1).fill(0, 1, pixels, labels);
      assertThat(pixels.asSlice(4 * 64).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
      assertThat(labels.asSlice(4 * 4).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x5a);
    }
  }

  @Test
  void refusesBatchSizesItCannotFill() {
    var images = numbered(10, 4, 4, 1);
    assertThatThrownBy(() -> new Batches(images, GREY, Augmentation.NONE, 11, 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("The batch size 11 is larger than the 10 training images, choose a smaller one.");
    assertThatThrownBy(() -> new Batches(images, GREY, Augmentation.NONE, 0, 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("The batch size is 0, expected at least 1.");
  }

  @Test
  void refusesANormalizationForOtherImages() {
    assertThatThrownBy(() -> new Batches(numbered(10, 4, 4, 3), GREY, Augmentation.NONE, 2, 1))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "The images have 3 channels, but the normalisation has 1; use the data the model was trained for.");
  }

  @Test
  void refusesBatchesAndBuffersThatAreNotThere() {
    var batches = new Batches(numbered(10, 4, 4, 1), GREY, Augmentation.NONE, 4, 1);
    var pixels = MemorySegment.ofArray(new float[64]);
    var labels = MemorySegment.ofArray(new int[4]);
    assertThatThrownBy(() -> batches.fill(0, 2, pixels, labels)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batches.fill(-1, 0, pixels, labels)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batches.fill(0, 0, pixels.asSlice(4), labels))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A batch needs 256 bytes of pixels and 16 of labels, the buffers have 252 and 16.");
    assertThatThrownBy(() -> batches.fill(0, 0, pixels, labels.asSlice(4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Random images whose label is their index; a view, so that offsets matter. */
  private static ImageSet numbered(int count, int height, int width, int channels) {
    byte[] pixels = TestFiles.randomBytes((count + 2) * height * width * channels, 17);
    int[] labels = IntStream.range(0, count + 2).map(i -> Math.max(0, i - 2)).toArray();
    return new ImageSet(pixels, labels, height, width, channels).split(count).heldOut();
  }

  private static Batch fill(Batches batches, ImageSet images, long epoch, int batch) {
    float[] pixels = new float[batches.batchSize() * images.imageSize()];
    int[] labels = new int[batches.batchSize()];
    Arrays.fill(pixels, Float.NaN);
    batches.fill(epoch, batch, MemorySegment.ofArray(pixels), MemorySegment.ofArray(labels));
    return new Batch(pixels, labels);
  }

  private static List<Integer> order(Batches batches, long epoch) {
    var order = new ArrayList<Integer>();
    int[] labels = new int[batches.batchSize()];
    for (int b = 0; b < batches.batchesPerEpoch(); b++) {
      batches.fill(epoch, b, MemorySegment.ofArray(new float[labels.length]), MemorySegment.ofArray(labels));
      IntStream.of(labels).forEach(order::add);
    }
    return order;
  }

  /** Which of the 2 * 9 * 9 augmentations give the image in a slot, as (flip * 9 + top) * 9 + left. */
  private static List<Integer> draws(ImageSet images, Batch batch, int slot, Normalization normalization) {
    float[] found = batch.image(slot);
    int image = batch.labels()[slot];
    return IntStream.range(0, 162)
        .filter(draw -> Arrays.equals(found, augmented(images, image, normalization, draw)))
        .boxed()
        .toList();
  }

  /** The oracle: normalise, flip, pad by 4, crop, one step after the other. */
  private static float[] augmented(ImageSet images, int image, Normalization normalization, int draw) {
    boolean flip = draw >= 81;
    int top = draw / 9 % 9;
    int left = draw % 9;
    int height = images.height();
    int width = images.width();
    int channels = images.channels();
    byte[] bytes = images.image(image);
    float[][][] padded = new float[height + 8][width + 8][channels];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          int value = bytes[(y * width + x) * channels + c] & 0xff;
          padded[y + 4][(flip ? width - 1 - x : x) + 4][c] =
              (float) ((value - normalization.mean().get(c)) / normalization.std().get(c));
        }
      }
    }
    float[] cropped = new float[height * width * channels];
    for (int i = 0; i < cropped.length; i++) {
      cropped[i] = padded[i / channels / width + top][i / channels % width + left][i % channels];
    }
    return cropped;
  }
}
