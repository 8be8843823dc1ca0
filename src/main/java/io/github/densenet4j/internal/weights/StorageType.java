package io.github.densenet4j.internal.weights;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The element types of PyTorch's storages, little-endian. */
enum StorageType {
  DOUBLE(8),
  FLOAT(4),
  HALF(2),
  BFLOAT16(2),
  LONG(8),
  INT(4),
  SHORT(2),
  CHAR(1),
  BYTE(1),
  BOOL(1);

  private static final Map<String, StorageType> BY_CLASS =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(StorageType::className, type -> type));

  private final int bytes;

  StorageType(int bytes) {
    this.bytes = bytes;
  }

  private String className() {
    return name().toLowerCase(Locale.ROOT) + "storage";
  }

  /** Of a class such as {@code torch.HalfStorage} or {@code torch.cuda.FloatStorage}. */
  static Optional<StorageType> of(PickledName type) {
    boolean known = type.module().equals("torch") || type.module().equals("torch.cuda");
    return Optional.ofNullable(known ? BY_CLASS.get(type.name().toLowerCase(Locale.ROOT)) : null);
  }

  /** The size of an element. */
  int bytes() {
    return bytes;
  }

  boolean isFloatingPoint() {
    return compareTo(BFLOAT16) <= 0;
  }

  /** The next element as a float: rounded to nearest, or widened without loss. */
  float next(ByteBuffer from) {
    return switch (this) {
      case DOUBLE -> (float) from.getDouble();
      case FLOAT -> from.getFloat();
      case HALF -> Float.float16ToFloat(from.getShort());
      case BFLOAT16 -> Float.intBitsToFloat(from.getShort() << 16); // the upper half of a float
      default -> throw new IllegalStateException(this + " is no floating-point type");
    };
  }
}
