package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.ImageSource.Pixels;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class ImageFilesTest {
  private static final Preprocessing TINY = Preprocessing.of(4).withResize(4).withChannels(1);

  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(strings = {"val", "valid", "validation", "test"})
  void aFolderAClassInTrainAndWhatIsHeldOut(String heldOut) throws IOException {
    grey("train/dog/b.PNG", 20);
    grey("train/dog/deeper/a.png", 30);
    DrawnFiles.jpeg(root.resolve("train/cat/c.JPEG"), 9, 6, 128);
    Files.writeString(root.resolve("train/cat/notes.txt"), "not an image");
    Files.writeString(root.resolve("train/.DS_Store"), "");
    grey("train/cat/.hidden.png", 90);
    grey(heldOut + "/cat/x.jpg", 50);
    var data = ImageFiles.folder(root).preprocessing(TINY).open();
    assertThat(data.name()).isEqualTo("folder:" + root);
    assertThat(data.classNames()).containsExactly("cat", "dog");
    assertThat(levels(data.training())).containsExactly(128, 20, 30);
    assertThat(labels(data.training())).containsExactly(0, 1, 1);
    assertThat(levels(data.heldOut().orElseThrow())).containsExactly(50);
    assertThat(data.preprocessing()).contains(TINY);
    assertThat(data.decoder()).isEqualTo(Images.decoder());
    assertThat(data.warnings())
        .containsExactly("has no held-out image of 1 of 2 classes (dog), so its accuracy says nothing about them");
    assertThat(Dataset.open("folder:" + root).training().height()).isEqualTo(224);
  }

  @Test
  void classesMayBeCalledAsPartsAre() {
    grey("train/a.png", 1);
    grey("truck/b.png", 2);
    var data = ImageFiles.folder(root).preprocessing(TINY).validationSplit(0.5, 1).open();
    assertThat(data.classNames()).containsExactly("train", "truck");
  }

  @Test
  void aTreeWithoutPartsNeedsASplitWhichIsDrawnInEveryClass() {
    for (int i = 0; i < 10; i++) {
      grey("a/" + i + ".png", i);
      grey("b/" + i + ".png", 100 + i);
      grey("b/" + (10 + i) + ".png", 110 + i);
    }
    var files = ImageFiles.folder(root).preprocessing(TINY);
    assertThatThrownBy(files::open)
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s has images to train on and none held out: set a validation split, or put the images into train and val"
                + " in it",
            root);
    var data = files.validationSplit(0.2, 7).open();
    assertThat(labels(data.heldOut().orElseThrow())).containsExactly(0, 0, 1, 1, 1, 1);
    var all = IntStream.concat(levels(data.training()), levels(data.heldOut().orElseThrow()));
    assertThat(all.distinct().count()).isEqualTo(30);
    assertThat(levels(files.open().training())).containsExactlyElementsOf(levels(data.training()).boxed().toList());
    assertThat(levels(files.validationSplit(0.2, 8).open().training()).boxed().toList())
        .isNotEqualTo(levels(data.training()).boxed().toList());
    assertThatThrownBy(files.validationSplit(1, 7)::open)
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("validation split is 1.0, it must be above 0 and below 1");
  }

  @Test
  void foldersThatAreNoDataSet() throws IOException {
    refused("is empty, expected a folder for each class in it.");
    Files.writeString(root.resolve("a.png"), "");
    refused("has no folders in it, expected one for each class, named as the class.");
    Files.createDirectories(root.resolve("cat"));
    refused("has no PNG or JPEG file in it; add images of this class or remove it.");
    grey("cat/a.png", 1);
    refused("has images of one class only (cat), expected at least two.");
    grey("train/cat/a.png", 1);
    grey("train/dog/a.png", 1);
    grey("val/bird/a.png", 1);
    Files.delete(root.resolve("cat/a.png"));
    Files.delete(root.resolve("cat"));
    refused("has the class bird, which is none of the 2 known ones (cat, dog).");
    assertThatThrownBy(ImageFiles.folder(root.resolve("nowhere"))::open)
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("is missing, expected a folder with a folder for each class; check the name.");
  }

  private void refused(String end) {
    assertThatThrownBy(ImageFiles.folder(root).preprocessing(TINY)::open)
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(end);
  }

  @Test
  void unreadableFilesAreCountedAndNamed() throws IOException {
    for (int i = 0; i < 5; i++) {
      grey("a/" + i + ".png", i);
      grey("b/" + i + ".png", 100 + i);
      Files.writeString(root.resolve("b/bad" + i + ".png"), "no image");
    }
    var files = ImageFiles.folder(root).preprocessing(TINY).validationSplit(0.4, 1);
    String bad = "%s/b/bad%d.png is not a PNG or JPEG image";
    String named = bad.formatted(root, 0) + "; " + bad.formatted(root, 1) + "; " + bad.formatted(root, 2) + "; ...";
    assertThatThrownBy(files::open)
        .isInstanceOf(DataException.class)
        .hasMessage(
            "5 of 15 image files cannot be read (" + named
                + "): repair or remove them, or leave them out with ImageFiles.skipUnreadable.");
    var data = files.skipUnreadable(true).open();
    assertThat(data.training().count()).isEqualTo(6);
    assertThat(data.warnings()).containsExactly("leaves out 5 of 15 image files that cannot be read: " + named);
  }

  @Test
  void damageDeepInAFileIsFoundWhereFilesAreSkippedAndElseWhenItIsRead() throws IOException {
    for (int i = 0; i < 4; i++) {
      grey("a/" + i + ".png", i);
      grey("b/" + i + ".png", 100 + i);
    }
    byte[] whole = Files.readAllBytes(root.resolve("a/0.png"));
    Files.write(root.resolve("a/0.png"), Arrays.copyOf(whole, whole.length - 9));
    var files = ImageFiles.folder(root).preprocessing(TINY).validationSplit(0.5, 1);
    assertThat(files.skipUnreadable(true).open().warnings())
        .singleElement()
        .asString()
        .startsWith("leaves out 1 of 8 image files that cannot be read: ");
    var source = files.skipUnreadable(false).evaluation();
    assertThatThrownBy(() -> source.read(0, new byte[16], 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a/0.png is damaged or truncated");
  }

  @Test
  void oneFileOfSixteenBitsMakesAllValuesFloats() {
    grey("train/a/0.png", 7);
    DrawnFiles.deep(root.resolve("train/b/0.png"), 5, 5, 4711);
    grey("val/a/0.png", 9);
    var data = ImageFiles.folder(root).preprocessing(TINY).open();
    assertThat(data.training().pixels()).isEqualTo(Pixels.FLOAT32);
    assertThat(data.heldOut().orElseThrow().pixels()).isEqualTo(Pixels.FLOAT32);
    assertThat(values(data.training(), 0)).containsOnly(7f);
    for (float value : values(data.training(), 1)) {
      assertThat(value).isCloseTo(4711 / 257f, within(1e-5f)); // weights that sum up to 1 but for rounding
    }
    assertThatThrownBy(() -> data.training().read(0, new byte[16], 0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void imagesOfOnePixelAreRead() {
    DrawnFiles.grey(root.resolve("train/a/0.png"), 1, 1, 50);
    DrawnFiles.jpeg(root.resolve("train/b/0.jpg"), 1, 1, 60);
    grey("val/a/0.png", 9);
    var varied = Preprocessing.of(4).withVariation(Preprocessing.Variation.IMAGENET);
    var data = ImageFiles.folder(root).preprocessing(varied).open();
    var image = new byte[48];
    data.training().readVaried(0, 5, image, 0);
    assertThat(image).containsOnly(50);
  }

  @Test
  void theDigestIsOfNamesSizesLabelsAndContent() throws IOException {
    grey("one/train/a/0.png", 7);
    grey("one/train/b/0.png", 8);
    grey("one/val/a/0.png", 9);
    String before = digest("one");
    Files.move(root.resolve("one"), root.resolve("two"));
    assertThat(digest("two")).isEqualTo(before);
    Files.move(root.resolve("two/train/b/0.png"), root.resolve("two/train/b/1.png"));
    assertThat(digest("two")).isNotEqualTo(before);
    Files.move(root.resolve("two/train/b/1.png"), root.resolve("two/train/b/0.png"));
    assertThat(digest("two")).isEqualTo(before);
    grey("two/train/b/0.png", 18); // of the same size
    assertThat(digest("two")).isNotEqualTo(before);
  }

  private String digest(String folder) {
    return ImageFiles.folder(root.resolve(folder)).preprocessing(TINY).open().training().digest();
  }

  @Test
  void evaluationTakesWhatIsHeldOutOrElseAllWithTheClassesOfANetwork() {
    grey("a/0.png", 1);
    grey("c/0.png", 3);
    var files = ImageFiles.folder(root).preprocessing(TINY).classNames(List.of("c", "b", "a"));
    assertThat(labels(files.evaluation())).containsExactly(0, 2);
    assertThat(levels(files.evaluation())).containsExactly(3, 1);
    grey("d/0.png", 1);
    assertThatThrownBy(files::evaluation)
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("has the class d, which is none of the 3 known ones (c, b, a).");
  }

  private void grey(String name, int level) {
    DrawnFiles.grey(root.resolve(name), 5, 7, level);
  }

  private static IntStream labels(ImageSource images) {
    return IntStream.range(0, images.count()).map(images::label);
  }

  private static IntStream levels(ImageSource images) {
    return IntStream.range(0, images.count()).map(i -> Math.round(values(images, i)[5]));
  }

  private static float[] values(ImageSource images, int index) {
    var values = new float[images.imageValues()];
    images.read(index, values, 0);
    return values;
  }
}
