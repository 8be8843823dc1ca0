package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.PackFile;
import io.github.densenet4j.internal.io.SafetensorsType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;

/** Labelled images in a file that is mapped into memory, so that the system reads and forgets what it thinks best. */
final class PackedImages implements ImageSource {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final PackFile.Part part;

  PackedImages(Path file, PackFile.Part part) {
    this.file = file;
    this.part = part;
  }

  @Override
  public int count() {
    return part.labels().length;
  }

  @Override
  public int height() {
    return part.height();
  }

  @Override
  public int width() {
    return part.width();
  }

  @Override
  public int channels() {
    return part.channels();
  }

  @Override
  public int label(int index) {
    return part.labels()[index];
  }

  @Override
  public Pixels pixels() {
    return part.type() == SafetensorsType.U8 ? Pixels.UINT8 : Pixels.FLOAT32;
  }

  @Override
  public String digest() {
    return part.digest();
  }

  @Override
  public void read(int index, float[] into, int offset) {
    int count = imageValues();
    if (pixels() == Pixels.FLOAT32) {
      copy(index, FLOAT, into, offset);
      return;
    }
    var bytes = new byte[count];
    read(index, bytes, 0);
    for (int i = 0; i < count; i++) {
      into[offset + i] = bytes[i] & 0xff;
    }
  }

  @Override
  public void read(int index, byte[] into, int offset) {
    if (pixels() != Pixels.UINT8) {
      throw new UnsupportedOperationException("the images are " + pixels() + ", not bytes");
    }
    copy(index, ValueLayout.JAVA_BYTE, into, offset);
  }

  /** As a whole, because a lost page shows at the end of a copy, but later than a single access. */
  private void copy(int index, ValueLayout layout, Object into, int offset) {
    long start = (long) Objects.checkIndex(index, count()) * imageValues() * layout.byteSize();
    try {
      MemorySegment.copy(part.pixels(), layout, start, into, offset, imageValues());
    } catch (InternalError lost) {
      throw lost(lost);
    }
  }

  /** What the JVM makes of mapped memory that has no file behind it any more. */
  private DataException lost(InternalError cause) {
    return new DataException(
        "%s cannot be read: it became shorter while it was in use, or its disk fails; pack the data again"
            .formatted(file),
        cause);
  }
}
