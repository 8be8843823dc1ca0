package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the fatbin in the jar is made of. */
@Tag("cuda")
class FatbinTest {
  private static final int MAGIC = 0xBA55ED50;
  private static final int PTX = 1;
  private static final long COMPRESSED = 0xA000; // LZ4 or zstd

  /** Of all architectures; the jar, which compresses it, has a bound of its own. */
  private static final int MOST_BYTES = 32 << 20;

  private record Entry(int kind, int architecture, long flags, byte[] payload) {}

  @Test
  void holdsWhatItsManifestSays() throws IOException {
    assertThat(entries())
        .extracting(entry -> (entry.kind() == PTX ? "compute_" : "sm_") + entry.architecture())
        .containsExactlyInAnyOrderElementsOf(KernelReports.architectures());
  }

  @Test
  void ptxRunsOnEveryGpuFromTheOldestOn() throws IOException {
    assertThat(entries())
        .filteredOn(entry -> entry.kind() == PTX)
        .extracting(Entry::architecture)
        .containsExactlyInAnyOrder(80, 90);
  }

  @Test
  void ptxCanBeReadAsItIs() throws IOException {
    Entry ptx = entries().stream().filter(entry -> entry.kind() == PTX && entry.architecture() == 80).findFirst().orElseThrow();
    assertThat(ptx.flags() & COMPRESSED).isZero();
    assertThat(new String(ptx.payload(), StandardCharsets.US_ASCII))
        .contains(".target sm_80")
        .contains(KernelReports.sources().keySet().stream().map(name -> ".entry " + name + "(").toList());
  }

  @Test
  void tellsItsArchitectures() throws IOException {
    var expected =
        entries().stream()
            .map(entry -> (entry.kind() == PTX ? "compute_" : "sm_") + entry.architecture())
            .toList();
    assertThat(Fatbin.shipped().architectures()).containsExactlyElementsOf(expected);
  }

  @Test
  void refusesWhatIsNoContainer() throws IOException {
    byte[] whole = image();
    for (int bytes : List.of(0, 3, 16, 40)) {
      assertRefused(Arrays.copyOf(whole, bytes));
    }
    byte[] endless = Arrays.copyOf(whole, whole.length);
    ByteBuffer.wrap(endless).order(ByteOrder.LITTLE_ENDIAN).putInt(16 + 4, 0).putLong(16 + 8, 0);
    assertRefused(endless);
    whole[0] ^= 1;
    assertRefused(whole);
  }

  private static void assertRefused(byte[] bytes) {
    assertThatThrownBy(() -> Fatbin.of(bytes)).isInstanceOf(DeviceException.class).hasMessageContaining("damaged");
  }

  private static byte[] image() throws IOException {
    try (var stream = FatbinTest.class.getResourceAsStream("/native/densenet4j.fatbin")) {
      return stream == null
          ? RequiredCuda.missing("native/densenet4j.fatbin is not in the jar: install nvcc of CUDA 13, run scripts/build")
          : stream.readAllBytes();
    }
  }

  private static List<Entry> entries() throws IOException {
    var fatbin = ByteBuffer.wrap(image()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(fatbin.capacity()).isLessThan(MOST_BYTES);
    assertThat(fatbin.getInt(0)).isEqualTo(MAGIC);
    int at = fatbin.getShort(6);
    long end = at + fatbin.getLong(8);
    var entries = new ArrayList<Entry>();
    while (at < end) {
      int header = fatbin.getInt(at + 4);
      var payload = new byte[Math.toIntExact(fatbin.getLong(at + 8))];
      fatbin.get(at + header, payload);
      entries.add(new Entry(fatbin.getShort(at), fatbin.getInt(at + 28), fatbin.getLong(at + 40), payload));
      at += header + payload.length;
    }
    return entries;
  }
}
