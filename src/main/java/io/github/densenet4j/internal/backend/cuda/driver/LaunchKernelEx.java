package io.github.densenet4j.internal.backend.cuda.driver;

import static io.github.densenet4j.internal.backend.library.NativeType.HOST;
import static io.github.densenet4j.internal.backend.library.NativeType.INT;
import static io.github.densenet4j.internal.backend.library.NativeType.OPAQUE;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/** The driver's launch with attributes, which JCuda 12.6 does not have; its structs are those of cuda.h. */
public final class LaunchKernelEx {
  static final String NAME = "cuLaunchKernelEx";

  /** CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION. */
  static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  /** CUlaunchConfig. */
  static final StructLayout CONFIG =
      MemoryLayout.structLayout(
          JAVA_INT.withName("gridDimX"), JAVA_INT.withName("gridDimY"), JAVA_INT.withName("gridDimZ"),
          JAVA_INT.withName("blockDimX"), JAVA_INT.withName("blockDimY"), JAVA_INT.withName("blockDimZ"),
          JAVA_INT.withName("sharedMemBytes"), MemoryLayout.paddingLayout(4), JAVA_LONG.withName("hStream"),
          ADDRESS.withName("attrs"), JAVA_INT.withName("numAttrs"), MemoryLayout.paddingLayout(4));

  /** CUlaunchAttribute; its value is a union of 64 bytes. */
  static final StructLayout ATTRIBUTE =
      MemoryLayout.structLayout(
          JAVA_INT.withName("id"), MemoryLayout.paddingLayout(4),
          JAVA_INT.withName("programmaticStreamSerializationAllowed"), MemoryLayout.paddingLayout(60));

  private final MethodHandle launch;

  /** @throws io.github.densenet4j.error.DeviceException if the driver does not have it */
  public LaunchKernelEx(NativeFunctions driver) {
    launch = driver.bind(NAME, INT, HOST, OPAQUE, HOST, HOST);
  }

  /** The status of a launch that may begin before what is in front of it in the stream has ended. */
  int programmatic(long function, long stream, Grid grid, MemorySegment parameters) {
    try (var arena = Arena.ofConfined()) {
      var attribute = arena.allocate(ATTRIBUTE);
      set(attribute, ATTRIBUTE, "id", PROGRAMMATIC_STREAM_SERIALIZATION);
      set(attribute, ATTRIBUTE, "programmaticStreamSerializationAllowed", 1);
      var config = config(arena, stream, grid, attribute);
      NativeCall call = () -> (int) launch.invokeExact(config, function, parameters, MemorySegment.NULL);
      return call.status();
    }
  }

  private static MemorySegment config(Arena arena, long stream, Grid grid, MemorySegment attribute) {
    var config = arena.allocate(CONFIG);
    set(config, CONFIG, "gridDimX", grid.columns());
    set(config, CONFIG, "gridDimY", grid.rows());
    set(config, CONFIG, "gridDimZ", 1);
    set(config, CONFIG, "blockDimX", grid.threads());
    set(config, CONFIG, "blockDimY", 1);
    set(config, CONFIG, "blockDimZ", 1);
    set(config, CONFIG, "sharedMemBytes", grid.sharedBytes());
    config.set(JAVA_LONG, CONFIG.byteOffset(groupElement("hStream")), stream);
    config.set(ADDRESS, CONFIG.byteOffset(groupElement("attrs")), attribute);
    set(config, CONFIG, "numAttrs", 1);
    return config;
  }

  private static void set(MemorySegment struct, StructLayout layout, String member, int value) {
    struct.set(JAVA_INT, layout.byteOffset(groupElement(member)), value);
  }
}
