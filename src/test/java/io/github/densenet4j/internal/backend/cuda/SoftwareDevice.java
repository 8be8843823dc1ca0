package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The software device's context in this thread and a stream, with memory of float32 numbers. */
public final class SoftwareDevice implements AutoCloseable {
  private static final List<String> HELD =
      List.of("live_bytes", "live_allocations", "host_bytes", "contexts", "modules", "streams", "events", "graphs");

  private final CudaContext context;
  private final CudaStream stream;
  private final Map<DevicePointer, DeviceArena> arenas = new HashMap<>();

  /** Fails the test where the software device is not built, which takes nvcc. */
  public SoftwareDevice() {
    context = new CudaContext(CudaDevice.of(required().driver(), 0));
    stream = new CudaStream(context);
  }

  /** The software device's libraries; fails the test where they are not built, which takes nvcc. */
  public static SoftwareCuda required() {
    try {
      return SoftwareCuda.load();
    } catch (DeviceException e) {
      return RequiredCuda.missing("scripts/build had no nvcc: " + e.getMessage());
    }
  }

  /** Where only the software device's libraries are. */
  public static SearchPath libraries() {
    return required().libraries();
  }

  /** That all that was taken of the device has been given back. */
  public static void requireNothingHeld() {
    var software = required();
    assertThat(HELD).allSatisfy(counter -> assertThat(software.count(counter)).as(counter).isZero());
  }

  /** For libraries that work on this memory. */
  public long stream() {
    return stream.address();
  }

  public DevicePointer upload(float... values) {
    int bytes = values.length * Float.BYTES;
    var arena = new DeviceArena(stream, bytes);
    arenas.put(arena.start(), arena);
    try (var host = new PinnedMemory(context, bytes)) {
      host.segment().copyFrom(MemorySegment.ofArray(values));
      arena.copyFrom(host, 0, 0, bytes, stream);
      stream.synchronize();
    }
    return arena.start();
  }

  /** Numbers that an operation must overwrite: NaN. */
  public DevicePointer reserve(int count) {
    float[] values = new float[count];
    Arrays.fill(values, Float.NaN);
    return upload(values);
  }

  /** @param from what {@link #upload} or {@link #reserve} gave */
  public float[] download(DevicePointer from, int count) {
    int bytes = count * Float.BYTES;
    try (var host = new PinnedMemory(context, bytes)) {
      arenas.get(from).copyTo(host, 0, 0, bytes, stream);
      stream.synchronize();
      return host.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Override
  public void close() {
    arenas.values().forEach(DeviceArena::close);
    stream.close();
    context.close();
  }
}
