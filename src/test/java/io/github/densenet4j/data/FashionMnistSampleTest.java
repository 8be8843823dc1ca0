package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class FashionMnistSampleTest {
  private static final String PROPERTY = FashionMnistSample.FOLDER_PROPERTY;
  private final String folderBefore = System.getProperty(PROPERTY);

  @TempDir Path folder;

  @AfterEach
  void restoreProperty() {
    if (folderBefore == null) {
      System.clearProperty(PROPERTY);
    } else {
      System.setProperty(PROPERTY, folderBefore);
    }
  }

  @Test
  void splitsTheBundledImagesTheSameWayForEver() {
    Dataset sample = Dataset.open("fashion-mnist-sample");
    assertThat(sample.name()).isEqualTo("fashion-mnist-sample");
    assertThat(sample.classNames()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
    assertThat(sample.training().count()).isEqualTo(8_500);
    assertThat(sample.heldOut().orElseThrow().count()).isEqualTo(1_500);
    for (ImageSource images : new ImageSource[] {sample.training(), sample.heldOut().orElseThrow()}) {
      assertThat(images.height()).isEqualTo(32);
      assertThat(images.width()).isEqualTo(32);
      assertThat(images.channels()).isEqualTo(1);
    }
    assertThat(classCounts(sample.heldOut().orElseThrow())).containsExactly(162, 139, 142, 153, 169, 155, 149, 165, 126, 140);
    // Each class has 1,000 images in the file, so none is lost or doubled.
    int[] training = classCounts(sample.training());
    assertThat(training).containsExactly(Arrays.stream(classCounts(sample.heldOut().orElseThrow())).map(n -> 1_000 - n).toArray());
    assertThat(digest(sample.training())).isEqualTo(-146672046);
    assertThat(digest(sample.heldOut().orElseThrow())).isEqualTo(-1363803206);
  }

  @Test
  void saysWhereItLookedForTheImages() {
    System.setProperty(PROPERTY, folder.toString());
    assertThatThrownBy(() -> Dataset.open("fashion-mnist-sample"))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "The bundled data set was looked for in %s and not found; set the system property densenet4j.data to the"
                    .formatted(folder.resolve("fashion-mnist-sample"))
                + " data folder of the repository.");
  }

  @Test
  void refusesAnotherNumberOfImages() throws IOException {
    System.setProperty(PROPERTY, folder.toString());
    Path sample = folder.resolve("fashion-mnist-sample");
    TestFiles.writeIdxFolder(sample);
    assertThatThrownBy(() -> Dataset.open("fashion-mnist-sample"))
        .isInstanceOf(DataException.class)
        .hasMessage("%s holds 2 images, expected 10000.".formatted(sample));
    Files.write(sample.resolve("t10k-labels-idx1-ubyte"), TestFiles.idxLabels(1, 10));
    assertThatThrownBy(() -> Dataset.open("fashion-mnist-sample"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("label 10 of image 1 is out of range, expected 0 to 9.");
  }

  private static int[] classCounts(ImageSource images) {
    int[] counts = new int[10];
    for (int i = 0; i < images.count(); i++) {
      counts[images.label(i)]++;
    }
    return counts;
  }

  private static int digest(ImageSource images) {
    int hash = 0;
    for (int i = 0; i < images.count(); i++) {
      hash = 31 * (31 * hash + images.label(i)) + Arrays.hashCode(TestFiles.image(images, i));
    }
    return hash;
  }
}
