package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fast")
class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void writesTheBytesOfTheFormat() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .metadata("k", "v")
        .add("b", new byte[] {7}, 1)
        .add("f", new float[] {1, -2}, 2, 1)
        .write(file);
    String header =
        "{\"__metadata__\":{\"k\":\"v\"},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[8,9]},"
            + "\"f\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}";
    String padded = header + " ".repeat(-header.length() & 7);
    var expected = ByteBuffer.allocate(8 + padded.length() + 9).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded.length()).put(padded.getBytes(StandardCharsets.UTF_8));
    expected.putFloat(1).putFloat(-2).put((byte) 7);
    assertThat(file).hasBinaryContent(expected.array());
  }

  @Test
  void readsBackEveryKindOfArray() {
    Path file = folder.resolve("a.safetensors");
    var random = new Random(5);
    float[] floats = new float[600_000]; // more than two pieces of the reader and the writer
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.intBitsToFloat(random.nextInt());
    }
    double[] doubles = random.doubles(300_000).toArray();
    long[] longs = random.longs(300_000).toArray();
    byte[] bytes = new byte[3_000_001];
    random.nextBytes(bytes);
    new SafetensorsWriter()
        .metadata("step", "12")
        .metadata("a", "\"quoted\" ü")
        .add("bytes", bytes, bytes.length)
        .add("floats", floats, 3, 1000, 200)
        .add("scalar", new long[] {-1})
        .add("none", new float[0], 0, 5)
        .add("doubles", doubles, 300_000)
        .add("longs", longs, 2, 150_000)
        .write(file);
    try (var read = SafetensorsFile.open(file)) {
      assertThat(read.metadata()).containsExactly(entry("step", "12"), entry("a", "\"quoted\" ü"));
      assertThat(read.names()).containsExactly("bytes", "floats", "scalar", "none", "doubles", "longs");
      assertThat(read.info("floats")).isEqualTo(new TensorInfo(SafetensorsType.F32, List.of(3L, 1000L, 200L)));
      assertThat(read.info("scalar").shape()).isEmpty();
      assertThat(Arrays.equals(bits(read.floats("floats")), bits(floats))).isTrue();
      assertThat(read.doubles("doubles")).isEqualTo(doubles);
      assertThat(read.longs("longs")).isEqualTo(longs);
      assertThat(read.longs("scalar")).containsExactly(-1);
      assertThat(read.floats("none")).isEmpty();
      assertThat(Arrays.equals(read.bytes("bytes"), bytes)).isTrue();
    }
  }

  @Test
  void convertsBetweenTypes() {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .add("f64", new double[] {0.1, 1e300}, 2)
        .add("f16", SafetensorsType.F16, segment(0x00, 0x3c, 0x01, 0x00), 2)
        .add("bf16", SafetensorsType.BF16, segment(0x80, 0x3f, 0x49, 0xc0), 2)
        .add("i32", SafetensorsType.I32, segment(0xfe, 0xff, 0xff, 0xff), 1)
        .add("u8", new byte[] {(byte) 200}, 1)
        .write(file);
    try (var read = SafetensorsFile.open(file)) {
      assertThat(read.floats("f64")).containsExactly(0.1f, Float.POSITIVE_INFINITY);
      assertThat(read.floats("f16")).containsExactly(1f, 0x1p-24f);
      assertThat(read.doubles("bf16")).containsExactly(1.0, -3.140625);
      assertThat(read.longs("i32")).containsExactly(-2);
      assertThat(read.longs("u8")).containsExactly(200);
      assertThat(read.bytes("bf16")).containsExactly(0x80, 0x3f, 0x49, 0xc0);
    }
  }

  @Test
  void nativeMemoryRoundTrips() {
    Path file = folder.resolve("a.safetensors");
    try (var arena = Arena.ofConfined()) {
      var source = arena.allocate(2_500_000);
      byte[] noise = new byte[2_500_000];
      new Random(1).nextBytes(noise);
      source.copyFrom(MemorySegment.ofArray(noise));
      new SafetensorsWriter().add("t", SafetensorsType.F32, source, 625_000).write(file);
      var target = arena.allocate(2_500_000);
      try (var read = SafetensorsFile.open(file)) {
        read.copyTo(target, "t");
        assertThatThrownBy(() -> read.copyTo(target.asSlice(4), "t"))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("tensor t has 2500000 bytes, the target 2499996");
      }
      assertThat(source.mismatch(target)).isEqualTo(-1);
    }
  }

  @Test
  void sameInputGivesSameBytes() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    for (Path file : List.of(first, second)) {
      new SafetensorsWriter()
          .add("w", () -> new float[] {1, 2}, 2)
          .metadata("b", "1")
          .metadata("a", "2")
          .add("n", new long[] {3}, 1)
          .write(file);
    }
    assertThat(first).hasSameBinaryContentAs(second);
  }

  @Test
  void dataIsAlignedToItsType() throws IOException {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter()
        .add("odd", new byte[3], 3)
        .add("f", new float[] {1}, 1)
        .add("d", new double[] {2}, 1)
        .write(file);
    var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int data = 8 + (int) bytes.getLong(0);
    assertThat(data % 8).isZero();
    assertThat(bytes.getDouble(data)).isEqualTo(2);
    assertThat(bytes.getFloat(data + 8)).isEqualTo(1);
  }

  @Test
  void wrongArgumentsOfTheWriterAreRefused() {
    var writer = new SafetensorsWriter().add("t", new float[1], 1).metadata("k", "v");
    assertThatThrownBy(() -> writer.add("t", new float[1], 1)).hasMessage("tensor t is there already");
    assertThatThrownBy(() -> writer.metadata("k", "w")).hasMessage("metadata k is there already");
    assertThatThrownBy(() -> writer.add("__metadata__", new float[1], 1)).hasMessageContaining("reserved");
    assertThatThrownBy(() -> writer.add("d", new double[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor d: 3 values given, but shape [2, 2] has 4");
    assertThatThrownBy(() -> writer.add("b", SafetensorsType.F64, segment(1, 2), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor b: 2 bytes given, but F64 of shape [1] takes 8");
  }

  @Test
  void supplierOfAnotherSizeWritesNothing() {
    Path file = folder.resolve("a.safetensors");
    var writer = new SafetensorsWriter().add("t", () -> new float[3], 2);
    assertThatThrownBy(() -> writer.write(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor t: 3 values given, but shape [2] has 2");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void askingForWhatIsNotThereIsOneSentence() {
    Path file = folder.resolve("a.safetensors");
    new SafetensorsWriter().add("f", new float[1], 1).add("n", new long[1], 1).write(file);
    try (var read = SafetensorsFile.open(file)) {
      assertThatThrownBy(() -> read.floats("x\ny"))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("%s has no tensor 'x?y' among its 2", file);
      assertThatThrownBy(() -> read.floats("n"))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("%s: tensor 'n' is I64, expected a floating-point type", file);
      assertThatThrownBy(() -> read.longs("f"))
          .isInstanceOf(CheckpointException.class)
          .hasMessage("%s: tensor 'f' is F32, expected an integer type", file);
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static MemorySegment segment(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return MemorySegment.ofArray(array);
  }
}
