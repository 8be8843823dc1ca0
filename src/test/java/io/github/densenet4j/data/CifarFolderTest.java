package io.github.densenet4j.data;

import static io.github.densenet4j.data.TestFiles.bytes;
import static io.github.densenet4j.data.TestFiles.cifarRecord;
import static io.github.densenet4j.data.TestFiles.concat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class CifarFolderTest {
  @TempDir Path folder;

  @Test
  void readsCifar10() throws IOException {
    writeCifar10(folder);
    Dataset dataset = Dataset.open("cifar10:" + folder);
    assertThat(dataset.name()).isEqualTo("cifar10:" + folder);
    assertThat(dataset.classNames()).hasSize(10).startsWith("airplane").endsWith("truck");
    ImageSource training = dataset.training();
    assertThat(training.count()).isEqualTo(6); // batch 1 has two
    assertThat(IntStream.range(0, 6).map(training::label)).containsExactly(1, 9, 2, 3, 4, 5);
    assertInterleaved(TestFiles.image(training, 1), cifarRecord(100, 9), 1);
    assertInterleaved(TestFiles.image(training, 5), cifarRecord(5, 5), 1);
    assertThat(dataset.heldOut().orElseThrow().count()).isEqualTo(1);
    assertThat(dataset.heldOut().orElseThrow().label(0)).isZero();
    assertInterleaved(TestFiles.image(dataset.heldOut().orElseThrow(), 0), cifarRecord(6, 0), 1);
  }

  @Test
  void readsCifar100ByItsFineLabels() throws IOException {
    writeCifar100(folder);
    Dataset dataset = Dataset.open("cifar100:" + folder);
    assertThat(dataset.classNames()).hasSize(100).startsWith("class 0").endsWith("class 99");
    assertThat(dataset.training().count()).isEqualTo(2);
    assertThat(dataset.training().label(1)).isEqualTo(99);
    assertInterleaved(TestFiles.image(dataset.training(), 1), cifarRecord(2, 3, 99), 2);
    assertThat(dataset.heldOut().orElseThrow().label(0)).isEqualTo(42);
  }

  @Test
  void findsTheOfficialFolderInside() throws IOException {
    writeCifar10(folder.resolve("cifar-10-batches-bin"));
    writeCifar100(folder.resolve("cifar-100-binary"));
    assertThat(Dataset.open("cifar10:" + folder).training().count()).isEqualTo(6);
    assertThat(Dataset.open("cifar100:" + folder).training().count()).isEqualTo(2);
  }

  @Test
  void takesClassNamesFromTheirFile() throws IOException {
    writeCifar10(folder);
    Path names = folder.resolve("batches.meta.txt");
    Files.writeString(names, "a\r\nb\r\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    assertThat(Dataset.open("cifar10:" + folder).classNames())
        .containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    Files.writeString(names, "\uFEFFa\nb\nc\nd\ne\nf\ng\nh\ni\nöffentlich\n");
    assertThat(Dataset.open("cifar10:" + folder).classNames()).startsWith("a").endsWith("öffentlich");
    Files.writeString(names, "a\nb\nc\nd\ne\nf\ng\nh\ni\nöffentlich\n", StandardCharsets.ISO_8859_1);
    assertThat(Dataset.open("cifar10:" + folder).classNames()).endsWith("öffentlich");
    Files.writeString(names, "a\nb\n");
    assertThatThrownBy(() -> Dataset.open("cifar10:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessage("%s holds 2 class names, expected 10; correct or remove it.".formatted(names));
    writeCifar100(folder);
    Files.writeString(
        folder.resolve("fine_label_names.txt"),
        IntStream.range(0, 100).mapToObj("fine_%d"::formatted).collect(Collectors.joining("\n")));
    assertThat(Dataset.open("cifar100:" + folder).classNames()).hasSize(100).endsWith("fine_99");
  }

  @Test
  void namesAMissingFile() throws IOException {
    writeCifar10(folder);
    Files.delete(folder.resolve("data_batch_4.bin"));
    assertThatThrownBy(() -> Dataset.open("cifar10:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessage("The folder %s has no file data_batch_4.bin, add it.".formatted(folder));
  }

  @Test
  void refusesMissingAndEmptyFolders() {
    assertThatThrownBy(() -> Dataset.open("cifar100:" + folder.resolve("nowhere")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s is missing, expected a folder with train.bin; check the name.".formatted(folder.resolve("nowhere")));
    assertThatThrownBy(() -> Dataset.open("cifar10:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessage("The folder %s is empty, expected data_batch_1.bin in it.".formatted(folder));
  }

  @Test
  void refusesTruncatedOversizedAndEmptyFiles() throws IOException {
    writeCifar10(folder);
    Path file = folder.resolve("data_batch_3.bin");
    byte[] sound = Files.readAllBytes(file);
    for (byte[] wrong : new byte[][] {Arrays.copyOf(sound, 3072), concat(sound, bytes(1)), new byte[0]}) {
      Files.write(file, wrong);
      assertThatThrownBy(() -> Dataset.open("cifar10:" + folder))
          .isInstanceOf(DataException.class)
          .hasMessage(
              "%s is truncated or oversized: found %d bytes, expected 1 to 10000 whole records of 3073;"
                      .formatted(file, wrong.length)
                  + " get the file again.");
    }
  }

  @Test
  void refusesMoreRecordsThanTheOfficialFiles() throws IOException {
    writeCifar100(folder);
    Path file = folder.resolve("test.bin");
    Files.write(file, new byte[10_001 * 3074]);
    assertThatThrownBy(() -> Dataset.open("cifar100:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file + " is truncated or oversized: found 30743074 bytes, expected 1 to 10000 whole");
  }

  @Test
  void refusesLabelsOutOfRange() throws IOException {
    writeCifar10(folder);
    Path batch = folder.resolve("data_batch_2.bin");
    Files.write(batch, concat(cifarRecord(2, 2), cifarRecord(3, 10)));
    assertThatThrownBy(() -> Dataset.open("cifar10:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessage("%s: label 10 of image 1 is out of range, expected 0 to 9.".formatted(batch));
    writeCifar100(folder);
    Path test = folder.resolve("test.bin");
    Files.write(test, cifarRecord(3, 20, 5));
    assertThatThrownBy(() -> Dataset.open("cifar100:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessage("%s: label 20 of image 0 is out of range, expected 0 to 19.".formatted(test));
    Files.write(test, cifarRecord(3, 19, 200));
    assertThatThrownBy(() -> Dataset.open("cifar100:" + folder))
        .isInstanceOf(DataException.class)
        .hasMessage("%s: label 200 of image 0 is out of range, expected 0 to 99.".formatted(test));
  }

  private static void assertInterleaved(byte[] image, byte[] cifarRecord, int labelBytes) {
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        for (int c = 0; c < 3; c++) {
          assertThat(image[(y * 32 + x) * 3 + c]).isEqualTo(cifarRecord[labelBytes + (c * 32 + y) * 32 + x]);
        }
      }
    }
  }

  private static void writeCifar10(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("data_batch_1.bin"), concat(cifarRecord(1, 1), cifarRecord(100, 9)));
    for (int i = 2; i <= 5; i++) {
      Files.write(folder.resolve("data_batch_%d.bin".formatted(i)), cifarRecord(i, i));
    }
    Files.write(folder.resolve("test_batch.bin"), cifarRecord(6, 0));
  }

  private static void writeCifar100(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("train.bin"), concat(cifarRecord(1, 19, 0), cifarRecord(2, 3, 99)));
    Files.write(folder.resolve("test.bin"), cifarRecord(3, 0, 42));
  }
}
