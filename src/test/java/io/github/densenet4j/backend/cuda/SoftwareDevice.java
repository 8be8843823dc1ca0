package io.github.densenet4j.backend.cuda;

import static io.github.densenet4j.backend.library.NativeType.HOST;
import static io.github.densenet4j.backend.library.NativeType.INT;
import static io.github.densenet4j.backend.library.NativeType.OPAQUE;
import static io.github.densenet4j.backend.library.NativeType.SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.densenet4j.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.backend.cuda.library.SearchPath;
import io.github.densenet4j.backend.library.LoadedLibrary;
import io.github.densenet4j.backend.library.NativeCall;
import io.github.densenet4j.error.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The software device's context in this thread, with memory of float32 numbers. */
public final class SoftwareDevice implements AutoCloseable {
  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle copyToDevice;
  private final MethodHandle copyToHost;
  private final MethodHandle synchronize;
  private final MethodHandle release;
  private final List<Long> allocations = new ArrayList<>();
  private final int device;

  /** Skips the test where the software device is not built, which takes nvcc. */
  public SoftwareDevice() {
    var cuda = LoadedLibrary.load("the driver", assumed().folder().resolve("libcuda.so.1"));
    allocate = cuda.bind("cuMemAlloc_v2", INT, HOST, SIZE);
    free = cuda.bind("cuMemFree_v2", INT, OPAQUE);
    copyToDevice = cuda.bind("cuMemcpyHtoD_v2", INT, OPAQUE, HOST, SIZE);
    copyToHost = cuda.bind("cuMemcpyDtoH_v2", INT, HOST, OPAQUE, SIZE);
    synchronize = cuda.bind("cuCtxSynchronize", INT);
    release = cuda.bind("cuDevicePrimaryCtxRelease_v2", INT, INT);
    var initialize = cuda.bind("cuInit", INT, INT);
    var get = cuda.bind("cuDeviceGet", INT, HOST, INT);
    var retain = cuda.bind("cuDevicePrimaryCtxRetain", INT, HOST, INT);
    var use = cuda.bind("cuCtxSetCurrent", INT, OPAQUE);
    try (var arena = Arena.ofConfined()) {
      var result = arena.allocate(ValueLayout.JAVA_LONG);
      check(() -> (int) initialize.invokeExact(0));
      check(() -> (int) get.invokeExact(result, 0));
      device = result.get(ValueLayout.JAVA_INT, 0);
      check(() -> (int) retain.invokeExact(result, device));
      check(() -> (int) use.invokeExact(result.get(ValueLayout.JAVA_LONG, 0)));
    }
  }

  /** The software device's libraries; skips the test where they are not built, which takes nvcc. */
  public static SoftwareCuda assumed() {
    try {
      return SoftwareCuda.load();
    } catch (DeviceException e) {
      return abort("scripts/build had no nvcc: " + e.getMessage());
    }
  }

  /** Where only the software device's libraries are. */
  public static SearchPath libraries() {
    return assumed().libraries();
  }

  private static void check(NativeCall call) {
    assertThat(call.status()).isZero();
  }

  public DevicePointer upload(float... values) {
    try (var arena = Arena.ofConfined()) {
      var result = arena.allocate(ValueLayout.JAVA_LONG);
      long bytes = values.length * (long) Float.BYTES;
      check(() -> (int) allocate.invokeExact(result, bytes));
      long address = result.get(ValueLayout.JAVA_LONG, 0);
      allocations.add(address);
      MemorySegment host = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
      check(() -> (int) copyToDevice.invokeExact(address, host, bytes));
      return new DevicePointer(address);
    }
  }

  /** Numbers that an operation must overwrite: NaN. */
  public DevicePointer reserve(int count) {
    float[] values = new float[count];
    Arrays.fill(values, Float.NaN);
    return upload(values);
  }

  public float[] download(DevicePointer from, int count) {
    try (var arena = Arena.ofConfined()) {
      check(() -> (int) synchronize.invokeExact());
      MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, count);
      check(() -> (int) copyToHost.invokeExact(host, from.address(), host.byteSize()));
      return host.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  @Override
  public void close() {
    allocations.forEach(address -> check(() -> (int) free.invokeExact((long) address)));
    check(() -> (int) release.invokeExact(device));
  }
}
