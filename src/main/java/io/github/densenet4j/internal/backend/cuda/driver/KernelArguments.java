package io.github.densenet4j.internal.backend.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jcuda.Pointer;

/** The arguments of a kernel, packed once; each takes 8 bytes, like every parameter of our kernels. */
public final class KernelArguments {
  private final Pointer pointers;

  private KernelArguments(Pointer pointers) {
    this.pointers = pointers;
  }

  /** All values as the members of one struct, which is the kernel's only parameter. */
  public static KernelArguments struct(List<?> values) {
    return new KernelArguments(Pointer.to(Pointer.to(packed(values))));
  }

  /** @param values of type {@link DevicePointer}, {@link Long}, {@link Double} or {@link Boolean}, which is 0 or 1 */
  public static KernelArguments of(Object... values) {
    var packed = Pointer.to(packed(List.of(values)));
    var each = new Pointer[values.length];
    for (int i = 0; i < each.length; i++) {
      each[i] = packed.withByteOffset((long) i * Long.BYTES);
    }
    return new KernelArguments(Pointer.to(each));
  }

  private static ByteBuffer packed(List<?> values) {
    var packed = ByteBuffer.allocateDirect(values.size() * Long.BYTES).order(ByteOrder.nativeOrder());
    for (var value : values) {
      switch (value) {
        case DevicePointer pointer -> packed.putLong(pointer.address());
        case Long number -> packed.putLong(number);
        case Double number -> packed.putDouble(number);
        case Boolean flag -> packed.putLong(flag ? 1 : 0);
        default -> throw new IllegalArgumentException("no kernel takes a " + value.getClass().getName());
      }
    }
    return packed.rewind();
  }

  Pointer pointers() {
    return pointers;
  }
}
