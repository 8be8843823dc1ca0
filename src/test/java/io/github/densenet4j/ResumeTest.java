package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.train.IfExists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is resumed on other data or computed otherwise: to the same bits, or not at all. */
class ResumeTest {
  private static final Path RESULT = Path.of("checkpoint-last.safetensors");

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void setFolder() {
    folder = temporary.resolve("run");
  }

  private static Trainer trainer(Dataset data, Path folder) {
    return Trainer.of(DenseNet.create(Learnable.CONFIG, 3), data, Device.cpu(1))
        .epochs(2)
        .batch(8)
        .folder(folder, IfExists.RESUME);
  }

  private void begin() {
    trainer(Learnable.data(), folder).on(new StopAfter(1)).run();
  }

  /** Refused unless other bits are allowed. */
  private void checkChangesBits(Trainer trainer, String... parts) throws IOException {
    byte[] before = Files.readAllBytes(folder.resolve(RESULT));
    assertThatThrownBy(trainer::run)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(folder + " was started ")
        .hasMessageContainingAll(parts)
        .hasMessageContaining("IfExists.RESUME_WITH_DIFFERENT_BITS");
    assertThat(folder.resolve(RESULT)).hasBinaryContent(before);
    assertThat(trainer.folder(folder, IfExists.RESUME_WITH_DIFFERENT_BITS).run().history()).hasSize(2);
    assertThat(trainer.folder(folder, IfExists.RESUME).run().history()).as("now it is of this kind").hasSize(2);
  }

  @Test
  void anotherStrategy() throws IOException {
    begin();
    checkChangesBits(
        trainer(Learnable.data(), folder).strategy(Strategy.NAIVE), "with strategy fused, now it is naive");
  }

  @Test
  void anotherPrecision() throws IOException {
    begin();
    checkChangesBits(
        trainer(Learnable.data(), folder).precision(Precision.BFLOAT16), "with precision fp32, now it is bf16");
  }

  @Test
  void imagesInAnotherOrder() throws IOException {
    begin();
    var images = Learnable.images(48, 1);
    var turned = Dataset.of(reordered(images, i -> 47 - i), Learnable.images(18, 2));
    checkChangesBits(trainer(turned, folder), "in another order");
  }

  @Test
  void oneOtherPixelOrLabel() throws IOException {
    begin();
    byte[] pixels = Learnable.bytes(48, 1);
    pixels[1000]++;
    int[] labels = Learnable.labels(48);
    var changed = ImageSource.of(pixels, labels, Learnable.SIZE, Learnable.SIZE, 2);
    checkChangesBits(trainer(Dataset.of(changed, Learnable.images(18, 2)), folder), "with mean[");
    folder = temporary.resolve("labels");
    begin();
    pixels[1000]--;
    labels[7] = (labels[7] + 1) % Learnable.CLASSES;
    var mislabelled = ImageSource.of(pixels, labels, Learnable.SIZE, Learnable.SIZE, 2);
    checkChangesBits(trainer(Dataset.of(mislabelled, Learnable.images(18, 2)), folder), "other images or labels");
  }

  @Test
  void otherHeldOutImagesChooseAnotherBestEpoch() throws IOException {
    begin();
    var other = Dataset.of(Learnable.images(48, 1), Learnable.images(18, 3));
    checkChangesBits(trainer(other, folder), "other images or labels");
  }

  /** Less memory is not another result: what is recomputed has the bits of what was kept. */
  @Test
  void anotherMemoryLevelEndsInTheSameBits() throws IOException {
    Path whole = temporary.resolve("whole");
    trainer(Learnable.data(), whole).run();
    begin();
    trainer(Learnable.data(), folder).memory(MemoryLevel.MINIMAL).run();
    assertThat(folder.resolve(RESULT)).hasSameBinaryContentAs(whole.resolve(RESULT));
  }

  @Test
  void dataThatMovedIsTheSameData() throws IOException {
    Path digits = temporary.resolve("digits");
    TestFiles.writeLearnableIdxFolder(digits, 48, 20, 8);
    Path whole = temporary.resolve("whole");
    idxTrainer("idx:" + digits, whole).run();
    idxTrainer("idx:" + digits, folder).on(new StopAfter(1)).run();
    Path moved = Files.move(digits, temporary.resolve("moved"));
    for (String name : List.of(moved + "/", temporary + "/./moved")) {
      idxTrainer("idx:" + name, folder).run();
      assertThat(folder.resolve(RESULT)).hasSameBinaryContentAs(whole.resolve(RESULT));
      assertThat(folder.resolve("config.json")).hasSameBinaryContentAs(whole.resolve("config.json"));
    }
  }

  private static Trainer idxTrainer(String source, Path folder) {
    var config = new DenseNetConfig("tiny", 4, List.of(1, 1), 8, 1, 0.5, 0, Stem.CIFAR, 1, 8, 10);
    return Trainer.of(DenseNet.create(config, 3), Dataset.open(source), Device.cpu(1))
        .epochs(2)
        .batch(8)
        .folder(folder, IfExists.RESUME);
  }

  @Test
  void aSourceMayHaveADigestAtHand() {
    var images = Learnable.images(48, 1);
    var source = reordered(images, i -> i);
    assertThat(source.digest()).as("computed from the content").isEqualTo(Learnable.images(48, 1).digest());
    assertThat(images.slice(0, 10).digest()).isNotEqualTo(images.slice(1, 10).digest());
    assertThat(images.slice(0, 10).digest()).isEqualTo(Learnable.images(48, 1).slice(0, 10).digest());
    assertThat(Learnable.floatImages(9, 1).digest()).isNotEqualTo(Learnable.images(9, 1).digest());
  }

  private static ImageSource reordered(ImageSource images, UnaryOperator<Integer> place) {
    return new ImageSource() {
      @Override
      public int count() {
        return images.count();
      }

      @Override
      public int height() {
        return images.height();
      }

      @Override
      public int width() {
        return images.width();
      }

      @Override
      public int channels() {
        return images.channels();
      }

      @Override
      public Pixels pixels() {
        return images.pixels();
      }

      @Override
      public int label(int index) {
        return images.label(place.apply(index));
      }

      @Override
      public void read(int index, float[] into, int offset) {
        images.read(place.apply(index), into, offset);
      }

      @Override
      public void read(int index, byte[] into, int offset) {
        images.read(place.apply(index), into, offset);
      }
    };
  }
}
