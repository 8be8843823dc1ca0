package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "mnist", "idx", "idx:", "cifar10", "cifar100:", "cifar20:dir", "Fashion-mnist-sample"})
  void namesTheAcceptedFormsForAnUnknownSource(String source) {
    assertThatThrownBy(() -> Dataset.open(source))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "Unknown data set '%s', expected fashion-mnist-sample, idx:DIR, cifar10:DIR or cifar100:DIR."
                .formatted(source));
  }

  @Test
  void refusesAFolderNameThatIsNone() {
    assertThatThrownBy(() -> Dataset.open("idx:a\0b"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("does not name a folder");
  }

  @Test
  void refusesPartsOfDifferentShapes() {
    assertThatThrownBy(() -> new Dataset("d", images(2, 3, 0), images(3, 2, 0), List.of("a")))
        .isInstanceOf(DataException.class)
        .hasMessage("Data set d has training images of 2x3x1 and held-out images of 3x2x1, expected one shape.");
  }

  @Test
  void refusesLabelsWithoutAName() {
    assertThatThrownBy(() -> new Dataset("d", images(2, 3, 0, 1), images(2, 3, 1, 0, 2), List.of("a", "b")))
        .isInstanceOf(DataException.class)
        .hasMessage("Data set d: label 2 of held-out image 2 is out of range, expected 0 to 1.");
  }

  @Test
  void keepsItsOwnClassNames() {
    var names = new ArrayList<>(List.of("a", "b"));
    var dataset = new Dataset("d", images(2, 3, 0), images(2, 3, 1), names);
    names.clear();
    assertThat(dataset.classNames()).containsExactly("a", "b");
    assertThat(dataset.classes()).isEqualTo(2);
  }

  private static ImageSet images(int height, int width, int... labels) {
    return new ImageSet(new byte[labels.length * height * width], labels, height, width, 1);
  }
}
