package io.github.densenet4j.internal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.InputOracle;
import io.github.densenet4j.internal.checkpoint.Normalization;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class BatchesTest {
  private static final int MOST_SHIFTED = 4;

  /** Of each axis. */
  private static final int PLACES = 2 * MOST_SHIFTED + 1;

  @Test
  void anEpochIsAPermutationWithoutTheLeftover() {
    var batches = new Batches(numbered(103, 1, 1, 1), Augmentation.NONE, 10, 42);
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
    var batches = new Batches(numbered(9, 1, 1, 1), Augmentation.NONE, 9, 42);
    assertThat(order(batches, 3)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void seedsGiveDifferentOrders() {
    var images = numbered(50, 1, 1, 1);
    assertThat(order(new Batches(images, Augmentation.NONE, 50, 1), 0))
        .isNotEqualTo(order(new Batches(images, Augmentation.NONE, 50, 2), 0));
  }

  @Test
  void imagesKeepTheirLabelsAndPlaces() {
    var images = numbered(20, 3, 5, 1);
    var batch = fill(new Batches(images, Augmentation.NONE, 20, 7), images, 0, 0);
    checkPixels(images, batch);
    assertThat(batch.placement()).hasSize(60).containsOnly(0);
  }

  @ParameterizedTest
  @CsvSource({"8, 8, 3", "5, 9, 1", "32, 32, 3", "9, 4, 2", "3, 3, 4", "1, 1, 1"})
  void everyAugmentedImageIsWholeAndStandsInOneOfThe162PossibleWays(int height, int width, int channels) {
    var images = numbered(40, height, width, channels);
    var batch = fill(new Batches(images, Augmentation.CIFAR, 40, 11), images, 2, 0);
    checkPixels(images, batch);
    for (int slot = 0; slot < 40; slot++) {
      int[] placement = placement(batch, slot);
      assertThat(placement[0]).isBetween(-MOST_SHIFTED, MOST_SHIFTED);
      assertThat(placement[1]).isBetween(-MOST_SHIFTED, MOST_SHIFTED);
      assertThat(placement[2]).isBetween(0, 1);
    }
  }

  @Test
  void flipsAndShiftsAreUniform() {
    var images = copies(numbered(1, 12, 12, 1), 5_000);
    var batch = fill(new Batches(images, Augmentation.CIFAR, 5_000, 5), images, 0, 0);
    int flips = 0;
    int[] places = new int[PLACES * PLACES];
    for (int slot = 0; slot < 5_000; slot++) {
      int[] placement = placement(batch, slot);
      flips += placement[2];
      places[(placement[0] + MOST_SHIFTED) * PLACES + placement[1] + MOST_SHIFTED]++;
    }
    // Five standard deviations sqrt(n p (1 - p)) of 5,000 draws: 35 for a flip, 7.8 for each of 81 places.
    assertThat(Math.abs(flips - 2_500)).isLessThan(5 * 36);
    assertThat(IntStream.of(places)).allMatch(n -> Math.abs(n - 5_000 / 81) <= 5 * 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7})
  void anImageIsAugmentedAlikeInBatchesOfAnySize(int batchSize) {
    var images = numbered(21, 8, 8, 3);
    var whole = fill(new Batches(images, Augmentation.CIFAR, 21, 3), images, 4, 0);
    var batches = new Batches(images, Augmentation.CIFAR, batchSize, 3);
    for (int b = 0; b < batches.batchesPerEpoch(); b++) {
      var batch = fill(batches, images, 4, b);
      checkPixels(images, batch);
      for (int slot = 0; slot < batchSize; slot++) {
        assertThat(batch.labels()[slot]).isEqualTo(whole.labels()[b * batchSize + slot]);
        assertThat(placement(batch, slot)).isEqualTo(placement(whole, b * batchSize + slot));
      }
    }
  }

  @Test
  void aRunResumedAnywhereSeesTheSameBatches() {
    var images = numbered(50, 8, 8, 3);
    var uninterrupted = new Batches(images, Augmentation.CIFAR, 16, 9);
    for (long epoch = 0; epoch < 3; epoch++) {
      for (int b = 0; b < uninterrupted.batchesPerEpoch(); b++) {
        var expected = fill(uninterrupted, images, epoch, b);
        var resumed = fill(new Batches(images, Augmentation.CIFAR, 16, 9), images, epoch, b);
        assertThat(resumed.pixels()).isEqualTo(expected.pixels());
        assertThat(resumed.placement()).isEqualTo(expected.placement());
        assertThat(resumed.labels()).isEqualTo(expected.labels());
      }
    }
  }

  @Test
  void theBitsOfABatchNeverChange() {
    var images = numbered(30, 8, 8, 3);
    var normalization = new Normalization(List.of(125.3, 123.0, 113.9), List.of(63.0, 62.1, 66.7));
    var batch = fill(new Batches(images, Augmentation.CIFAR, 8, 1), images, 5, 1);
    assertThat(batch.labels()).containsExactly(11, 8, 4, 27, 13, 18, 2, 17);
    var oracle = new InputOracle(8, 8, 3, normalization.levels());
    assertThat(Arrays.hashCode(oracle.of(batch.pixels(), batch.placement()))).isEqualTo(-1342294668);
  }

  @ParameterizedTest
  @EnumSource(Augmentation.class)
  void aSourceVariesEachImageByAKeyOfItsOwnThatIsNewEachEpoch(Augmentation augmentation) {
    var images = new Keyed(7).slice(1, 6);
    var seen = new HashSet<Long>();
    for (long epoch = 0; epoch < 4; epoch++) {
      var whole = new Batches(images, augmentation, 6, 3);
      var all = fill(whole, images, epoch, 0);
      for (int slot = 0; slot < 6; slot++) {
        long key = ByteBuffer.wrap(all.pixels()).getLong(slot * Long.BYTES);
        assertThat(seen.add(key)).isTrue();
        var alone = fill(new Batches(images, augmentation, 1, 3), images, epoch, slot);
        assertThat(ByteBuffer.wrap(alone.pixels()).getLong()).isEqualTo(key);
        assertThat(alone.labels()[0]).isEqualTo(all.labels()[slot]);
      }
    }
  }

  @Test
  void refusesBatchSizesItCannotFill() {
    var images = numbered(10, 4, 4, 1);
    assertThatThrownBy(() -> new Batches(images, Augmentation.NONE, 11, 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("batch size is 11, it must be at least 1 and at most the 10 training images");
    assertThatThrownBy(() -> new Batches(images, Augmentation.NONE, 0, 1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("batch size is 0, it must be at least 1 and at most the 10 training images");
  }

  @Test
  void refusesBatchesThatAreNotThereOrDoNotFit() {
    var batches = new Batches(numbered(10, 4, 4, 1), Augmentation.NONE, 4, 1);
    var batch = new ByteBatch(4, 16);
    assertThatThrownBy(() -> batches.epoch(0).fill(2, batch)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batches.epoch(-1).fill(0, batch)).isInstanceOf(IndexOutOfBoundsException.class);
    for (int size : new int[] {3, 5}) {
      assertThatThrownBy(() -> batches.epoch(0).fill(0, new ByteBatch(size, 16)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("room for %d images, expected 4", size);
    }
  }

  /** Random images whose label is their index; a view, so that offsets matter. */
  private static ImageSource numbered(int count, int height, int width, int channels) {
    byte[] pixels = TestFiles.randomBytes((count + 2) * height * width * channels, 17);
    int[] labels = IntStream.range(0, count + 2).map(i -> Math.max(0, i - 2)).toArray();
    return ImageSource.of(pixels, labels, height, width, channels).slice(2, count);
  }

  /** The first image again and again. */
  private static ImageSource copies(ImageSource images, int count) {
    var pixels = new byte[count * images.imageValues()];
    for (int i = 0; i < count; i++) {
      images.read(0, pixels, i * images.imageValues());
    }
    return ImageSource.of(pixels, new int[count], images.height(), images.width(), images.channels());
  }

  /** A batch that held others before. */
  private static ByteBatch fill(Batches batches, ImageSource images, long epoch, int number) {
    var batch = new ByteBatch(batches.batchSize(), images.imageValues());
    Arrays.fill(batch.pixels(), (byte) 0x5a);
    Arrays.fill(batch.placement(), -77);
    Arrays.fill(batch.labels(), -1);
    batches.epoch(epoch).fill(number, batch);
    return batch;
  }

  private static List<Integer> order(Batches batches, long epoch) {
    var order = new ArrayList<Integer>();
    var batch = new ByteBatch(batches.batchSize(), 1);
    for (int b = 0; b < batches.batchesPerEpoch(); b++) {
      batches.epoch(epoch).fill(b, batch);
      IntStream.of(batch.labels()).forEach(order::add);
    }
    return order;
  }

  private static int[] placement(ByteBatch batch, int slot) {
    return Arrays.copyOfRange(batch.placement(), slot * 3, slot * 3 + 3);
  }

  /** That every slot holds the image that its label numbers. */
  private static void checkPixels(ImageSource images, ByteBatch batch) {
    int size = images.imageValues();
    var image = new byte[size];
    for (int slot = 0; slot < batch.labels().length; slot++) {
      images.read(batch.labels()[slot], image, 0);
      assertThat(Arrays.copyOfRange(batch.pixels(), slot * size, (slot + 1) * size)).isEqualTo(image);
    }
  }

  /** Images of eight bytes: the key that they are varied by. */
  private record Keyed(int count) implements ImageSource {
    @Override
    public int height() {
      return Long.BYTES;
    }

    @Override
    public int width() {
      return 1;
    }

    @Override
    public int channels() {
      return 1;
    }

    @Override
    public Pixels pixels() {
      return Pixels.UINT8;
    }

    @Override
    public int label(int index) {
      return index;
    }

    @Override
    public void read(int index, float[] into, int offset) {
      throw new AssertionError("training does not read images as they are");
    }

    @Override
    public void readVaried(int index, long key, byte[] into, int offset) {
      ByteBuffer.wrap(into).putLong(offset, key);
    }
  }
}
