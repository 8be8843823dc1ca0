package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class DatasetTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "mnist", "idx", "idx:", "cifar10", "cifar100:", "cifar20:dir", "Fashion-mnist-sample"})
  void namesTheAcceptedFormsForAnUnknownSource(String source) {
    assertThatThrownBy(() -> Dataset.open(source))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            ("Unknown data set '%s', expected fashion-mnist-sample, idx:DIR, cifar10:DIR, cifar100:DIR, folder:DIR, csv:FILE"
                    + " or pack:FILE.")
                .formatted(source));
  }

  @Test
  void refusesAFolderNameThatIsNone() {
    assertThatThrownBy(() -> Dataset.open("idx:a\0b"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("does not name a file or folder");
  }

  @Test
  void namesItselfAndItsClassesUntilItIsGivenNames() {
    var dataset = Dataset.of(images(2, 3, 0, 2), images(2, 3, 1));
    assertThat(dataset.name()).isEqualTo("in-memory");
    assertThat(dataset.classNames()).containsExactly("class 0", "class 1", "class 2");
    assertThat(dataset.classes()).isEqualTo(3);
    assertThat(Dataset.of(images(1, 1, 0)).classes()).isEqualTo(2);
    var named = dataset.withName("d").withClassNames(List.of("a", "b", "c", "d"));
    assertThat(named).hasToString("d: 2 training and 1 held-out images of 2x3x1, 4 classes");
  }

  @Test
  void heldOutImagesAreOptional() {
    assertThat(Dataset.of(images(2, 3, 0)).heldOut()).isEmpty();
    var heldOut = images(2, 3, 1);
    assertThat(Dataset.of(images(2, 3, 0), heldOut).heldOut()).containsSame(heldOut);
  }

  @Test
  void refusesPartsOfDifferentShapesOrSorts() {
    assertThatThrownBy(() -> Dataset.of(images(2, 3, 0), images(3, 2, 0)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "the training images are 2x3x1 UINT8 and the held-out images are 3x2x1 UINT8, expected one shape and sort");
    var real = ImageSource.of(new float[6], new int[1], 2, 3, 1);
    assertThatThrownBy(() -> Dataset.of(images(2, 3, 0), real))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("held-out images are 2x3x1 FLOAT32");
  }

  @Test
  void refusesLabelsWithoutAName() {
    assertThatThrownBy(
            () -> Dataset.of(images(2, 3, 0, 1), images(2, 3, 1, 0, 2)).withName("d").withClassNames(List.of("a", "b")))
        .isInstanceOf(DataException.class)
        .hasMessage("Data set d: label 2 of held-out image 2 is out of range, expected 0 to 1.");
  }

  @Test
  void refusesLabelsThatNoNetworkHasRoomFor() {
    assertThatThrownBy(() -> Dataset.of(images(1, 1, 3, 500_000_000)))
        .isInstanceOf(DataException.class)
        .hasMessage("the label of training image 1 is 500000000, it must be at least 0 and below 65536");
  }

  @Test
  void checksWhatAProgramsOwnSourceSays() {
    assertThatThrownBy(() -> Dataset.of(images(1, 1, 0), own(0, 1, 0)))
        .isInstanceOf(DataException.class)
        .hasMessage("there are 0 held-out images, expected at least 1");
    assertThatThrownBy(() -> Dataset.of(own(1, 0, 0)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("of 0x1x1 are empty");
    assertThatThrownBy(() -> Dataset.of(own(1, 1, -3)))
        .isInstanceOf(DataException.class)
        .hasMessage("the label of training image 0 is -3, it must be at least 0 and below 65536");
  }

  @Test
  void keepsItsOwnClassNames() {
    var names = new ArrayList<>(List.of("a", "b"));
    var dataset = Dataset.of(images(2, 3, 0), images(2, 3, 1)).withClassNames(names);
    names.clear();
    assertThat(dataset.classNames()).containsExactly("a", "b");
    assertThat(dataset.classes()).isEqualTo(2);
  }

  private static ImageSource images(int height, int width, int... labels) {
    return ImageSource.of(new byte[labels.length * height * width], labels, height, width, 1);
  }

  /** What a program might implement. */
  private static ImageSource own(int count, int height, int label) {
    return new ImageSource() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public int height() {
        return height;
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
      public int label(int index) {
        return label;
      }

      @Override
      public void read(int index, float[] into, int offset) {
        into[offset] = index;
      }

      @Override
      public Pixels pixels() {
        return Pixels.UINT8;
      }
    };
  }

  @Test
  void aSplitHoldsOutAShareOfEveryClass() {
    int[] labels = IntStream.range(0, 50).map(i -> i < 40 ? 0 : 1).toArray();
    var data =
        Dataset.of(ImageSource.of(new byte[50], labels, 1, 1, 1)).withName("x").withClassNames(List.of("a", "b"));
    var split = data.split(0.2, 3);
    var heldOut = split.heldOut().orElseThrow();
    assertThat(IntStream.range(0, heldOut.count()).map(heldOut::label)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
    assertThat(split.training().count()).isEqualTo(40);
    assertThat(split.classNames()).containsExactly("a", "b");
    assertThat(split.name()).isEqualTo("x");
    assertThat(split.withTraining(split.training().slice(0, 3)).training().count()).isEqualTo(3);
  }

  @Test
  void aNormalisationHasANumberForEachChannel() {
    var data = Dataset.of(ImageSource.of(new byte[6], new int[2], 1, 1, 3));
    assertThat(data.mean()).isEmpty();
    var given = data.withNormalization(List.of(1.0, 2.0, 3.0), List.of(4.0, 5.0, 6.0));
    assertThat(given.mean()).containsExactly(1.0, 2.0, 3.0);
    assertThat(given.withName("y").deviation()).containsExactly(4.0, 5.0, 6.0);
    assertThatThrownBy(() -> data.withNormalization(List.of(1.0), List.of(1.0)))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("expected a finite mean and a positive deviation for each of 3 channels");
    assertThatThrownBy(() -> data.withNormalization(List.of(1.0, 1.0, 1.0), List.of(1.0, 0.0, 1.0)))
        .isInstanceOf(DataException.class);
  }
}
