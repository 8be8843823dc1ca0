package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Copies to a device that starts them as late as it may: pinned memory that is used again too early shows. */
@Tag("cuda")
class StagingTest {
  private static final int ARENA = 8 << 20;
  private static final int HALF = 1 << 20;

  private CudaRuntime runtime;
  private DeviceArena arena;
  private Staging staging;
  private final Random random = new Random(9);
  private final byte[] expected = new byte[ARENA];

  @BeforeEach
  void open() {
    var software = SoftwareDevice.required();
    runtime =
        new CudaRuntime(
            CudaDevice.of(software.driver(), 0), () -> NvidiaLibraries.load(software.libraries(), 13_000),
            CudaOptions.DEFAULT);
    arena = new DeviceArena(runtime.stream(), ARENA);
    staging = new Staging(runtime, arena, SteppedNetwork.program().ports());
    assertThat(Staging.bytes(SteppedNetwork.program().ports())).isEqualTo(2 * HALF);
  }

  @AfterEach
  void close() {
    if (runtime != null) {
      staging.close();
      arena.close();
      runtime.close();
    }
  }

  private void write(int offset, int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    System.arraycopy(bytes, 0, expected, offset, count);
    var source = MemorySegment.ofArray(bytes);
    staging.write(offset, source);
    source.fill((byte) 0); // the caller's own from now on
  }

  private byte[] read(int offset, int count) {
    var bytes = new byte[count];
    staging.read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void moreThanBothHalvesAtOnce() {
    assertThat(read(0, ARENA)).as("zeroed").isEqualTo(expected);
    write(4096, 5 * HALF + 13);
    assertThat(read(0, ARENA)).isEqualTo(expected);
  }

  @Test
  void manyWritesBetweenSteps() {
    for (int i = 0; i < 300; i++) {
      int count = i % 10 == 0 ? random.nextInt(3 * HALF) : random.nextInt(60_000);
      write(random.nextInt(ARENA - count), count);
      if (random.nextInt(4) == 0) {
        staging.handOver();
      }
      if (random.nextInt(50) == 0) {
        assertThat(read(0, 100_000)).isEqualTo(Arrays.copyOf(expected, 100_000));
      }
    }
    assertThat(read(0, ARENA)).isEqualTo(expected);
  }

  @Test
  void nextBatchesWhileStepsAreQueuedGiveTheBitsOfStepsThatAreWaitedFor() {
    try (var device = CudaBackend.software(CudaOptions.DEFAULT);
        var queued = new SteppedNetwork(device, 1);
        var waited = new SteppedNetwork(device, 1)) {
      int[] ahead = queued.steps(6).state();
      for (int i = 0; i < 6; i++) {
        waited.step().session().finish();
      }
      assertThat(waited.state()).isEqualTo(ahead);
    }
  }

  @Test
  void nothingToCopy() {
    write(0, 0);
    staging.handOver();
    assertThat(read(0, 0)).isEmpty();
  }
}
