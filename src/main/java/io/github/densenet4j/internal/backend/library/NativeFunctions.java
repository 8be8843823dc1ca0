package io.github.densenet4j.internal.backend.library;

import java.lang.invoke.MethodHandle;

/** Where the functions of a C library come from. */
@FunctionalInterface
public interface NativeFunctions {
  /** @throws io.github.densenet4j.error.DeviceException if there is no function of that name */
  MethodHandle bind(String name, NativeType result, NativeType... parameters);
}
