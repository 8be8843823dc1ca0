package io.github.densenet4j.data;

import static io.github.densenet4j.data.TestFiles.bytes;
import static io.github.densenet4j.data.TestFiles.concat;
import static io.github.densenet4j.data.TestFiles.gzip;
import static io.github.densenet4j.data.TestFiles.idx;
import static io.github.densenet4j.data.TestFiles.idxImages;
import static io.github.densenet4j.data.TestFiles.idxLabels;
import static io.github.densenet4j.data.TestFiles.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class IdxFolderTest {
  private static final String FASHION_LABELS = "data/fashion-mnist-sample/t10k-labels-idx1-ubyte.gz";
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir Path folder;

  @BeforeEach
  void writeSoundFiles() throws IOException {
    TestFiles.writeIdxFolder(folder);
  }

  @Test
  void readsPlainFiles() {
    Dataset dataset = open();
    assertThat(dataset.name()).isEqualTo("idx:" + folder);
    assertThat(dataset.classNames()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(dataset.training().count()).isEqualTo(3);
    assertThat(dataset.training().height()).isEqualTo(2);
    assertThat(dataset.training().width()).isEqualTo(3);
    assertThat(dataset.training().channels()).isEqualTo(1);
    assertThat(dataset.training().label(2)).isEqualTo(9);
    assertThat(TestFiles.image(dataset.training(), 1)).isEqualTo(Arrays.copyOfRange(randomBytes(18, 1), 6, 12));
    assertThat(dataset.heldOut().orElseThrow().count()).isEqualTo(2);
    assertThat(dataset.heldOut().orElseThrow().label(0)).isEqualTo(1);
    assertThat(TestFiles.image(dataset.heldOut().orElseThrow(), 1)).isEqualTo(Arrays.copyOfRange(randomBytes(12, 2), 6, 12));
  }

  @Test
  void readsPackedAndDottedFiles() throws IOException {
    Dataset plain = open();
    replace(IMAGES, "train-images.idx3-ubyte.gz", gzip(Files.readAllBytes(folder.resolve(IMAGES))));
    replace(LABELS, "train-labels.idx1-ubyte", Files.readAllBytes(folder.resolve(LABELS)));
    replace(
        "t10k-labels-idx1-ubyte",
        "t10k-labels-idx1-ubyte.gz",
        gzip(Files.readAllBytes(folder.resolve("t10k-labels-idx1-ubyte"))));
    Dataset packed = open();
    for (int i = 0; i < 3; i++) {
      assertThat(TestFiles.image(packed.training(), i)).isEqualTo(TestFiles.image(plain.training(), i));
      assertThat(packed.training().label(i)).isEqualTo(plain.training().label(i));
    }
    assertThat(packed.heldOut().orElseThrow().label(1)).isEqualTo(2);
  }

  @Test
  void padsMnistImagesWithZeros() throws IOException {
    byte[] pixels = randomBytes(2 * 28 * 28, 3);
    write(IMAGES, idxImages(2, 28, 28, pixels));
    write(LABELS, idxLabels(0, 1));
    write("t10k-images-idx3-ubyte", idxImages(2, 28, 28, pixels));
    ImageSource images = open().training();
    assertThat(images.height()).isEqualTo(32);
    assertThat(images.width()).isEqualTo(32);
    for (int n = 0; n < 2; n++) {
      byte[] image = TestFiles.image(images, n);
      for (int y = 0; y < 32; y++) {
        for (int x = 0; x < 32; x++) {
          boolean inside = y >= 2 && y < 30 && x >= 2 && x < 30;
          assertThat(image[y * 32 + x]).isEqualTo(inside ? pixels[(n * 28 + y - 2) * 28 + x - 2] : 0);
        }
      }
    }
  }

  @Test
  void namesFashionClassesByTheTestLabels() throws IOException {
    Path named = folder.resolve("My-Fashion");
    TestFiles.writeIdxFolder(named);
    assertThat(Dataset.open("idx:" + named).classNames()).startsWith("0").endsWith("9");

    write("t10k-images-idx3-ubyte", idxImages(10_000, 2, 3, new byte[60_000]));
    byte[] labels;
    try (var packed = new GZIPInputStream(Files.newInputStream(Path.of(FASHION_LABELS)))) {
      labels = packed.readAllBytes();
    }
    write("t10k-labels-idx1-ubyte", labels);
    assertThat(open().classNames()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
    labels[labels.length - 1]++;
    write("t10k-labels-idx1-ubyte", labels);
    assertThat(open().classNames()).startsWith("0").endsWith("9");
  }

  @Test
  void twoClassesAreTwo() throws IOException {
    write(LABELS, idxLabels(1, 0, 1));
    write("t10k-labels-idx1-ubyte", idxLabels(0, 0));
    assertThat(open().classNames()).containsExactly("0", "1");
    assertThat(open().warnings())
        .containsExactly("has no held-out image of 1 of 2 classes (1), so its accuracy says nothing about them");
    write(LABELS, idxLabels(0, 0, 0));
    assertThat(open().classNames()).containsExactly("0", "1");
  }

  @Test
  void acceptsMoreClassesIfAllOccur() throws IOException {
    int[] letters = IntStream.rangeClosed(1, 26).toArray();
    for (String part : new String[] {"train", "t10k"}) {
      write(part + "-images-idx3-ubyte", idxImages(26, 1, 1, new byte[26]));
      write(part + "-labels-idx1-ubyte", idxLabels(letters));
    }
    assertThat(open().classNames()).hasSize(27).endsWith("26");
  }

  @Test
  void refusesStrayLabels() throws IOException {
    write(LABELS, idxLabels(1, 255, 2));
    assertRefused(LABELS, ": label 255 of image 1 is out of range, expected 0 to 9, or more with every label");
    write(LABELS, idxLabels(1, 2, 10));
    assertRefused(LABELS, ": label 10 of image 2 is out of range");
    write(LABELS, idxLabels(1, 2, 3));
    write("t10k-labels-idx1-ubyte", idxLabels(17, 2));
    assertRefused("t10k-labels-idx1-ubyte", ": label 17 of image 0 is out of range");
  }

  @Test
  void refusesAMissingFolderAFileAndAnEmptyFolder() throws IOException {
    Path missing = folder.resolve("nowhere");
    assertThatThrownBy(() -> Dataset.open("idx:" + missing))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s is missing, expected a folder with train-images-idx3-ubyte and its three companions; check the name."
                .formatted(missing));
    assertThatThrownBy(() -> Dataset.open("idx:" + folder.resolve(IMAGES)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is not a folder, expected a folder with train-images-idx3-ubyte");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Dataset.open("idx:" + empty))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "The folder %s is empty, expected train-images-idx3-ubyte and its three companions in it."
                .formatted(empty));
  }

  @Test
  void namesAMissingFile() throws IOException {
    Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
    assertThatThrownBy(this::open)
        .isInstanceOf(DataException.class)
        .hasMessage(
            "The folder %s has no file t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz".formatted(folder)
                + " or t10k-images.idx3-ubyte or t10k-images.idx3-ubyte.gz, add it.");
  }

  @Test
  void refusesTruncatedFiles() throws IOException {
    byte[] sound = Files.readAllBytes(folder.resolve(IMAGES));
    write(IMAGES, Arrays.copyOf(sound, sound.length - 1));
    assertRefused(IMAGES, " is truncated: found 33 bytes, expected 34 (its header says 3x2x3); get the file again.");
    write(IMAGES, Arrays.copyOf(sound, 9));
    assertRefused(IMAGES, " is truncated: expected 16 more bytes, found 9; get the file again.");
    write(IMAGES, new byte[0]);
    assertRefused(IMAGES, " is truncated: expected 16 more bytes, found 0; get the file again.");
  }

  @Test
  void refusesOversizedFiles() throws IOException {
    write(LABELS, concat(idxLabels(1, 2, 3), bytes(4)));
    assertRefused(LABELS, " is oversized: found 12 bytes, expected 11 (its header says 3); get the file again.");
  }

  @Test
  void refusesAWrongMagicNumber() throws IOException {
    write(LABELS, Files.readAllBytes(folder.resolve(IMAGES)));
    assertRefused(LABELS, " starts with the magic number 0x00000803, expected 0x00000801");
    write(LABELS, idxLabels(1, 2, 3));
    write(IMAGES, idx(0x01080000, new int[] {3, 2, 3}, new byte[18]));
    assertRefused(IMAGES, " starts with the magic number 0x01080000, expected 0x00000803");
  }

  @Test
  void refusesImagesAndLabelsOfDifferentCounts() throws IOException {
    write(LABELS, idxLabels(1, 2));
    assertRefused(IMAGES, " holds 3 images, but %s holds 2 labels".formatted(folder.resolve(LABELS)));
  }

  @Test
  void refusesEmptyFiles() throws IOException {
    write(LABELS, idxLabels());
    assertRefused(LABELS, " is empty: its header says 0, expected at least 1.");
    write(LABELS, idxLabels(1, 2, 3));
    write(IMAGES, idxImages(3, 0, 3, new byte[0]));
    assertRefused(IMAGES, " is empty: its header says 3x0x3, expected at least 1.");
  }

  @Test
  void comparesAbsurdHeadersWithTheFileBeforeAllocating() throws IOException {
    write(IMAGES, idxImages(-1, -1, -1, new byte[18]));
    assertRefused(
        IMAGES,
        " is truncated: found 34 bytes, expected 79228162458924105385300197391"
            + " (its header says 4294967295x4294967295x4294967295); get the file again.");
    write(IMAGES, idxImages(1 << 16, 1 << 16, 1 << 16, new byte[0])); // 2^48, which is 0 in 32 bits
    assertRefused(IMAGES, " is truncated: found 16 bytes, expected 281474976710672");
    replace(IMAGES, IMAGES + ".gz", gzip(idxImages(2_000_000_000, 1, 1, new byte[18])));
    assertRefused(IMAGES + ".gz", " is truncated: expected 2000000000 more bytes, found 18; get the file again.");
    write(IMAGES + ".gz", gzip(idxImages(-1, -1, -1, new byte[18])));
    assertRefused(IMAGES + ".gz", " holds 9223372036854775807 bytes, expected at most 2147483639; use a smaller file.");
  }

  @Test
  void refusesAFileBeyondOneArray() throws IOException {
    int size = (int) 3_000_000_000L; // unsigned
    try (var file = new RandomAccessFile(folder.resolve(LABELS).toFile(), "rw")) {
      file.write(idx(0x801, new int[] {size}, new byte[0]));
      file.setLength(8 + 3_000_000_000L); // sparse
    }
    assertRefused(LABELS, " holds 3000000000 bytes, expected at most 2147483639; use a smaller file.");
  }

  @Test
  void refusesAGzipTrailerThatLies() throws IOException {
    byte[] packed = gzip(idxImages(3, 2, 3, new byte[18]));
    ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).putInt(packed.length - 4, 2_000_000_016);
    replace(IMAGES, IMAGES + ".gz", packed);
    assertRefused(IMAGES + ".gz", " is not a sound gzip file (Corrupt GZIP trailer); get the file again.");
  }

  @Test
  void readsGzipFilesOfSeveralMembers() throws IOException {
    byte[] images = Files.readAllBytes(folder.resolve(IMAGES));
    Dataset plain = open();
    byte[] head = gzip(Arrays.copyOf(images, 20));
    byte[] rest = gzip(Arrays.copyOfRange(images, 20, images.length));
    replace(IMAGES, IMAGES + ".gz", concat(head, gzip(new byte[0]), rest));
    assertThat(open().training().digest()).isEqualTo(plain.training().digest());
    write(IMAGES + ".gz", concat(head, rest, gzip(bytes(1))));
    assertRefused(IMAGES + ".gz", " is oversized: data goes on after 18 bytes");
  }

  @Test
  void refusesCorruptGzipFiles() throws IOException {
    byte[] sound = gzip(idxImages(3, 10, 10, randomBytes(300, 5)));
    String name = IMAGES + ".gz";
    replace(IMAGES, name, bytes(1, 2, 3));
    assertRefused(name, " is not a sound gzip file");
    write(name, randomBytes(100, 4));
    assertRefused(name, " is not a sound gzip file (Not in GZIP format); get the file again.");
    write(name, Arrays.copyOf(sound, sound.length - 6));
    assertRefused(name, " is not a sound gzip file (it ends too early); get the file again.");
    byte[] flipped = sound.clone();
    flipped[sound.length - 8] ^= 1; // of the checksum
    write(name, flipped);
    assertRefused(name, " is not a sound gzip file (Corrupt GZIP trailer); get the file again.");
    write(name, concat(Arrays.copyOf(sound, 200), Arrays.copyOfRange(sound, sound.length - 4, sound.length)));
    assertRefused(name, " is not a sound gzip file (Unexpected end of ZLIB input stream); get the file again.");
    write(name, gzip(concat(idxImages(3, 2, 3, new byte[18]), bytes(1))));
    assertRefused(name, " is oversized: data goes on after 18 bytes, where its header has it end");
    write(name, concat(gzip(Files.readAllBytes(folder.resolve("t10k-images-idx3-ubyte"))), sound));
    assertRefused(name, " is oversized: data goes on after 12 bytes");
  }

  private Dataset open() {
    return Dataset.open("idx:" + folder);
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  private void replace(String old, String name, byte[] content) throws IOException {
    Files.delete(folder.resolve(old));
    write(name, content);
  }

  private void assertRefused(String file, String message) {
    assertThatThrownBy(this::open)
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(folder.resolve(file) + message);
  }
}
