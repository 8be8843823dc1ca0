package io.github.densenet4j.internal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.SafetensorsFile;
import io.github.densenet4j.internal.io.SafetensorsType;
import io.github.densenet4j.internal.io.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class PackingTest {
  private static final int TRAINING = 150;
  private static final int HELD_OUT = 7;

  @TempDir private Path folder;

  private static ImageSource bytes(int count, long seed) {
    return ImageSource.of(TestFiles.randomBytes(count * 5 * 3 * 2, seed), labels(count), 5, 3, 2);
  }

  private static ImageSource floats(int count) {
    var values = new float[count * 5 * 3 * 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.37f - 20;
    }
    return ImageSource.of(values, labels(count), 5, 3, 2);
  }

  private static int[] labels(int count) {
    return IntStream.range(0, count).map(i -> i % 3).toArray();
  }

  private static Dataset data() {
    return Dataset.of(bytes(TRAINING, 1), bytes(HELD_OUT, 2)).withClassNames(List.of("disc", "\"square\"", "Kreuz ✕"));
  }

  private Path pack(Dataset data, String name, int readers) {
    Path file = folder.resolve(name);
    new Packing(OptionalInt.of(readers), _ -> {}).write(data, file);
    return file;
  }

  private static Dataset open(Path file) {
    return Dataset.open("pack:" + file);
  }

  private static void checkSame(ImageSource found, ImageSource expected) {
    assertThat(found.count()).isEqualTo(expected.count());
    assertThat(found.pixels()).isEqualTo(expected.pixels());
    assertThat(found.isInMemory()).isFalse();
    var one = new float[expected.imageValues() + 1];
    var other = new float[expected.imageValues() + 1];
    for (int i = 0; i < expected.count(); i++) {
      found.read(i, one, 1);
      expected.read(i, other, 1);
      assertThat(one).isEqualTo(other);
      assertThat(found.label(i)).isEqualTo(expected.label(i));
      if (expected.pixels() == ImageSource.Pixels.UINT8) {
        assertThat(TestFiles.image(found, i)).isEqualTo(TestFiles.image(expected, i));
      }
    }
  }

  @Test
  void imagesLabelsAndNamesComeBack() {
    var told = new AtomicInteger();
    Path file = folder.resolve("bytes.pack");
    new Packing(OptionalInt.of(2), told::addAndGet).write(data(), file);
    assertThat(told).hasValue(TRAINING + HELD_OUT);
    var found = open(file);
    checkSame(found.training(), data().training());
    checkSame(found.heldOut().orElseThrow(), data().heldOut().orElseThrow());
    assertThat(found.classNames()).isEqualTo(data().classNames());
    assertThat(found.name()).isEqualTo("pack:" + file);
  }

  @Test
  void floatsKeepTheirBits() {
    var data = Dataset.of(floats(TRAINING));
    var found = open(pack(data, "floats.pack", 0));
    checkSame(found.training(), data.training());
    assertThat(found.heldOut()).isEmpty();
    assertThatThrownBy(() -> found.training().read(0, new byte[30], 0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void theFileDependsOnItsContentAlone() throws IOException {
    Path one = pack(data(), "one.pack", 0);
    assertThat(pack(data(), "two.pack", 3)).hasSameBinaryContentAs(one);
    var other = Dataset.of(bytes(TRAINING, 1), bytes(HELD_OUT, 3)).withClassNames(data().classNames());
    var found = open(pack(other, "other.pack", 0));
    assertThat(found.training().digest()).isEqualTo(open(one).training().digest()).matches("[0-9a-f]{32}");
    assertThat(found.heldOut().orElseThrow().digest()).isNotEqualTo(open(one).heldOut().orElseThrow().digest());
    int[] labels = labels(TRAINING);
    labels[5] = 0;
    var relabelled = ImageSource.of(TestFiles.randomBytes(TRAINING * 30, 1), labels, 5, 3, 2);
    assertThat(open(pack(Dataset.of(relabelled), "labels.pack", 0)).training().digest())
        .isNotEqualTo(open(one).training().digest());
  }

  @Test
  void otherProgramsReadIt() {
    try (var file = SafetensorsFile.open(pack(data(), "data.pack", 0))) {
      assertThat(file.info("training.images").shape()).containsExactly((long) TRAINING, 5L, 3L, 2L);
      assertThat(file.info("training.images").type()).isEqualTo(SafetensorsType.U8);
      assertThat(file.longs("held_out.labels")).containsExactly(0, 1, 2, 0, 1, 2, 0);
    }
  }

  @Test
  void anImageThatCannotBeReadLeavesNoFile() {
    var broken = new float[30];
    var images = ImageSource.of(broken, new int[1], 5, 3, 2);
    broken[7] = Float.NaN;
    assertThatThrownBy(() -> pack(Dataset.of(images), "broken.pack", 2))
        .isInstanceOf(DataException.class)
        .hasMessage("image 0 has a value that is NaN, it must be finite");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFullDiskIsOneSentence() throws IOException {
    Path full = Files.createSymbolicLink(folder.resolve("full.pack"), Path.of("/dev/full"));
    assertThatThrownBy(() -> pack(data(), "full.pack", 2))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "cannot write %s: no space left on device, so free some space or choose another output folder", full);
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(pack(data(), "data.pack", 0));
    for (int length = 0; length < whole.length; length += 1 + whole.length / 50) {
      Path cut = Files.write(folder.resolve("cut.pack"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> open(cut))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(cut.toString())
          .message().hasLineCount(1);
    }
  }

  @Test
  void foreignFilesAreRefused() throws IOException {
    Path tensors = folder.resolve("network.safetensors");
    new SafetensorsWriter().add("weight", new float[2], 2).write(tensors);
    assertThatThrownBy(() -> open(tensors))
        .isInstanceOf(DataException.class)
        .hasMessage("%s is a safetensors file but no packed data set, expected one that pack wrote", tensors);
    Path newer = folder.resolve("newer.pack");
    new SafetensorsWriter().metadata("format", "densenet4j pack").metadata("version", "2").write(newer);
    assertThatThrownBy(() -> open(newer))
        .isInstanceOf(DataException.class)
        .hasMessage("%s is a packed data set of version '2', expected 1: pack the data again", newer);
    Path text = Files.writeString(folder.resolve("text"), "no tensors at all, but a line of text");
    assertThatThrownBy(() -> open(text)).isInstanceOf(DataException.class).hasMessageContaining("no safetensors file");
    assertThatThrownBy(() -> open(folder.resolve("none"))).isInstanceOf(DataException.class)
        .hasMessageContaining("it does not exist");
  }

  @Test
  void labelsWithoutAClassAreRefused() {
    Path file = folder.resolve("damaged.pack");
    new SafetensorsWriter()
        .metadata("format", "densenet4j pack")
        .metadata("version", "1")
        .metadata("class_names", "{\"class_names\":[\"a\"]}")
        .add("training.images", new byte[2], 2, 1, 1, 1)
        .add("training.labels", SafetensorsType.I32, MemorySegment.ofArray(new byte[] {0, 0, 0, 0, 1, 0, 0, 0}), 2)
        .add("training.digest", new byte[16], 16)
        .write(file);
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s is a damaged packed data set: the label of image 1 is 1, with 1 classes, so pack the data again", file);
  }

  @Test
  void aFileThatShrinksWhileItIsInUseIsNoCrash() throws IOException {
    int side = 64;
    var images = ImageSource.of(new byte[100 * side * side], labels(100), side, side, 1);
    Path file = pack(Dataset.of(images), "shrinking.pack", 0);
    var found = open(file).training();
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(20_000);
    }
    assertThatThrownBy(() -> found.read(99, new byte[side * side], 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("became shorter while it was in use");
    assertThatThrownBy(() -> found.read(99, new float[side * side], 0)).isInstanceOf(DataException.class);
  }
}
