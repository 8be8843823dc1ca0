package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What the container of the kernels holds.
 *
 * @param architectures in its order: {@code sm_90} is machine code for that architecture, {@code compute_80} PTX that
 *     the driver compiles for any GPU from there on
 */
public record Fatbin(List<String> architectures) {
  private static final int MAGIC = 0xBA55ED50;
  private static final int HEADER_SIZE_AT = 6;
  private static final int SIZE_AT = 8;

  private static final int PTX = 1;
  private static final int MACHINE_CODE = 2;
  private static final int ENTRY_HEADER_SIZE_AT = 4;
  private static final int ENTRY_SIZE_AT = 8;
  private static final int ENTRY_ARCHITECTURE_AT = 28;

  public Fatbin {
    architectures = List.copyOf(architectures);
  }

  /**
   * The one of this build.
   *
   * @throws DeviceException if the kernels were left out of the build, or are damaged
   */
  public static Fatbin shipped() {
    return of(Kernels.image());
  }

  /** @throws DeviceException if these bytes are no such container */
  static Fatbin of(byte[] bytes) {
    var image = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (image.getInt(0) != MAGIC) {
        throw damaged(null);
      }
      long at = image.getShort(HEADER_SIZE_AT);
      long end = at + image.getLong(SIZE_AT);
      var architectures = new ArrayList<String>();
      while (at < end) {
        int entry = Math.toIntExact(at);
        int headerSize = image.getInt(entry + ENTRY_HEADER_SIZE_AT);
        long size = image.getLong(entry + ENTRY_SIZE_AT);
        if (headerSize <= 0 || size < 0) {
          throw damaged(null);
        }
        architectures.add(name(image.getShort(entry), image.getInt(entry + ENTRY_ARCHITECTURE_AT)));
        at += headerSize + size;
      }
      return new Fatbin(architectures);
    } catch (IndexOutOfBoundsException | BufferUnderflowException | ArithmeticException e) {
      throw damaged(e);
    }
  }

  private static String name(int kind, int architecture) {
    return switch (kind) {
      case PTX -> "compute_" + architecture;
      case MACHINE_CODE -> "sm_" + architecture;
      default -> "kind " + kind + " of " + architecture;
    };
  }

  private static DeviceException damaged(Exception cause) {
    return new DeviceException("the CUDA kernels of this build are damaged: run scripts/build again", cause);
  }
}
