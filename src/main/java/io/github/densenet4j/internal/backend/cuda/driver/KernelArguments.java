package io.github.densenet4j.internal.backend.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jcuda.Pointer;

/** The arguments of a kernel, packed once; each takes 8 bytes, like every parameter of our kernels. */
public final class KernelArguments {
  /** Where each parameter is, as the driver reads it; lives as long as what it points to. */
  private final MemorySegment addresses;

  private final Pointer pointers;

  private KernelArguments(List<?> values, int parameters) {
    var arena = Arena.ofAuto();
    var packed = arena.allocate(ValueLayout.JAVA_LONG, values.size());
    for (int i = 0; i < values.size(); i++) {
      packed.setAtIndex(ValueLayout.JAVA_LONG, i, bits(values.get(i)));
    }
    addresses = arena.allocate(ValueLayout.ADDRESS, parameters);
    for (int i = 0; i < parameters; i++) {
      addresses.setAtIndex(ValueLayout.ADDRESS, i, packed.asSlice((long) i * Long.BYTES));
    }
    pointers = Pointer.to(addresses.asByteBuffer());
  }

  /** All values as the members of one struct, which is the kernel's only parameter. */
  public static KernelArguments struct(List<?> values) {
    return new KernelArguments(values, 1);
  }

  /** @param values of type {@link DevicePointer}, {@link Long}, {@link Double} or {@link Boolean}, which is 0 or 1 */
  public static KernelArguments of(Object... values) {
    return new KernelArguments(List.of(values), values.length);
  }

  private static long bits(Object value) {
    return switch (value) {
      case DevicePointer pointer -> pointer.address();
      case Long number -> number;
      case Double number -> Double.doubleToRawLongBits(number);
      case Boolean flag -> flag ? 1 : 0;
      default -> throw new IllegalArgumentException("no kernel takes a " + value.getClass().getName());
    };
  }

  /** For JCuda. */
  Pointer pointers() {
    return pointers;
  }

  MemorySegment addresses() {
    return addresses;
  }
}
