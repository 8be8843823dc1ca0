package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what they claim: each must end in one sentence, and none in a large allocation. */
@Tag("fast")
class SafetensorsDamageTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "{ | 0 | is no safetensors file or is damaged: its header is not valid JSON",
      "[] | 0 | its header is not a JSON object",
      "{} x | 0 | its header is not valid JSON at line 1, column 4",
      "{} {} | 0 | text follows the JSON object of its header",
      "{'__metadata__':1} | 0 | __metadata__ is not an object of texts",
      "{'__metadata__':{'a':1}} | 0 | the value of 'a' in __metadata__ is not a text",
      "{'__metadata__':{'a':'','a':''}} | 0 | __metadata__ holds the key 'a' twice",
      "{'__metadata__':{},'__metadata__':{}} | 0 | the header holds '__metadata__' twice",
      "{'t':1} | 0 | tensor 't' is not described by an object",
      "{'t':{}} | 0 | tensor 't' has no dtype",
      "{'t':{'dtype':'U8'}} | 0 | tensor 't' has no shape",
      "{'t':{'dtype':'U8','shape':[]}} | 0 | tensor 't' has no data_offsets",
      "{'t':{'dtype':8}} | 0 | the dtype of tensor 't' is not a text",
      "{'t':{'dtype':'U8','dtype':'U8'}} | 0 | tensor 't' has dtype twice, expected it once",
      "{'t':{'dtype':'F8'}} | 0 | unknown dtype 'F8', expected one of [F64, F32, F16, BF16, I64, I32, U8]",
      "{'t':{'shape':3}} | 0 | shape of tensor 't' is not a list",
      "{'t':{'shape':[1.5]}} | 0 | shape of tensor 't' holds something else than integers",
      "{'t':{'shape':[[1]]}} | 0 | shape of tensor 't' holds something else than integers",
      "{'t':{'shape':[-1]}} | 0 | shape of tensor 't' holds '-1', expected 0 to 9223372036854775807",
      "{'t':{'shape':[9223372036854775808]}} | 0 | shape of tensor 't' holds '9223372036854775808', expected 0 to",
      "{'t':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | 0 | too large for any file",
      "{'t':{'dtype':'U8','shape':[1],'data_offsets':[0]}} | 1 | data_offsets [0], expected [begin, end]",
      "{'t':{'dtype':'U8','shape':[1],'data_offsets':[1,0]}} | 1 | data_offsets [1, 0], expected [begin, end]",
      "{'t':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | 4 | tensor 't' has 4 bytes (data_offsets [0, 4]), "
          + "but F32 of shape [2] takes 8",
      "{'t':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} | 3 | tensor 't' ends at offset 4, "
          + "but there are 3 bytes of data",
      "{'t':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} | 5 | has 5 bytes of data, but its tensors describe 4",
      "{} | 5 | has 5 bytes of data, but its tensors describe 0",
      "{'t':{'dtype':'U8','shape':[4],'data_offsets':[1,5]}} | 5 | tensor 't' begins at offset 1 and leaves a "
          + "hole, expected it at 0, right behind the header",
  })
  void badHeadersAreOneSentence(String header, int dataBytes, String message) throws IOException {
    Path file = file(header.replace('\'', '"'), dataBytes); // single quotes are easier to read above
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void overlapNamesBothTensors() throws IOException {
    Path file = file("{\"b\":" + u8(3, 2) + ",\"a\":" + u8(4, 0) + "}", 5);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("%s: tensor 'b' begins at offset 2 and overlaps tensor 'a', which ends at 4", file);
  }

  @Test
  void duplicateNamesAreRefused() throws IOException {
    Path file = file("{\"a\":" + u8(1, 0) + ",\"a\":" + u8(1, 1) + "}", 2);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("%s: the header holds 'a' twice, expected each name once", file);
  }

  @Test
  void unknownFieldsAndOtherDataOrdersAreFine() throws IOException {
    Path file = file("{\"b\":" + u8(2, 1).replace("{", "{\"note\":[{}],") + ",\"a\":" + u8(1, 0) + "}  ", 3);
    try (var read = SafetensorsFile.open(file)) {
      assertThat(read.names()).containsExactly("b", "a");
      assertThat(read.bytes("b")).hasSize(2);
    }
  }

  @Test
  void headerOfInvalidTextIsRefused() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Files.write(file, new byte[] {4, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xc3, '}', ' '});
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("%s is no safetensors file or is damaged: its header is not UTF-8 text", file);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100_000_001, 1L << 32, Long.MAX_VALUE, -1})
  void impossibleHeaderLengthsAreRefusedBeforeAllocation(long length) throws IOException {
    Path file = folder.resolve("a.safetensors");
    Files.write(file, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "%s is no safetensors file or is damaged: it states a header of %s bytes, expected 1 to 100000000",
            file, Long.toUnsignedString(length));
  }

  @Test
  void shortFilesAreRefused() throws IOException {
    Path file = Files.write(folder.resolve("a.safetensors"), new byte[7]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("%s is 7 bytes long, but a safetensors file has at least 8", file);
    Files.write(file, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(99_000_000).array());
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("%s is truncated: it states a header of 99000000 bytes, but only 8 bytes follow", file);
  }

  @Test
  void missingFilesAndFoldersAreRefused() {
    Path missing = folder.resolve("a.safetensors");
    assertThatThrownBy(() -> SafetensorsFile.open(missing))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot read %s: it does not exist", missing);
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot read %s: it is a folder, expected a safetensors file", folder);
  }

  @Test
  void fileThatShrinksWhileOpenIsAnError() throws IOException {
    Path file = file("{\"t\":" + u8(100, 0) + "}", 100);
    try (var read = SafetensorsFile.open(file);
        var other = new RandomAccessFile(file.toFile(), "rw")) {
      other.setLength(other.length() - 1);
      assertThatThrownBy(() -> read.bytes("t"))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("%s became shorter while it was read, so another process is changing it", file);
    }
  }

  @Test
  void tensorsBeyondAnArrayDoNotOverflow() throws IOException {
    long elements = (1L << 32) + 3; // as an int this would be 3
    Path file = file("{\"t\":" + u8(elements, 0) + "}", 0);
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(sparse.length() + elements);
    }
    try (var read = SafetensorsFile.open(file)) {
      assertThat(read.info("t").bytes()).isEqualTo(elements);
      assertThatThrownBy(() -> read.bytes("t"))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              "%s: tensor 't' has 4294967299 bytes, but a Java array holds at most 2147483639, "
                  + "so copy it to native memory", file);
      assertThatThrownBy(() -> read.longs("t")).isInstanceOf(CheckpointException.class);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void randomDamageNeverEndsInAnotherException() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .metadata("epoch", "3")
        .add("conv0.weight", new float[] {1, 2, 3, 4}, 2, 2)
        .add("count", new long[] {5}, 1)
        .add("mask", new byte[] {6, 7}, 2)
        .add("scalar", new double[] {8})
        .write(file);
    byte[] whole = Files.readAllBytes(file);
    int headerEnd = 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    var random = new Random(20_260_101);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = whole.clone();
      if (i % 4 == 0) {
        damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        damaged[random.nextInt(headerEnd)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      refused += refuses(file) ? 1 : 0;
    }
    // All 500 truncations must be seen; most changed bytes, too: only names, metadata and padding may pass.
    assertThat(refused).isBetween(1250, 1999);
  }

  /** Reads everything; true if that ended in the one exception that is allowed. */
  private static boolean refuses(Path file) {
    try (var read = SafetensorsFile.open(file)) {
      for (String name : read.names()) {
        switch (read.info(name).type()) {
          case F64, F32, F16, BF16 -> read.doubles(name);
          case I64, I32, U8 -> read.longs(name);
        }
      }
      return false;
    } catch (CheckpointException refusal) {
      assertThat(refusal.getMessage().lines()).hasSize(1);
      return true;
    }
  }

  private static String u8(long bytes, long begin) {
    return "{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}".formatted(bytes, begin, begin + bytes);
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    return Files.write(folder.resolve("a.safetensors"), bytes.array());
  }
}
