package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The header of a safetensors file, checked in full: after {@link #read} every tensor lies inside the file, its size
 * fits its shape, and the tensors cover the data without overlap or hole.
 *
 * @param metadata the texts of {@code __metadata__}, in the order of the file
 * @param tensors the tensors by name, in the order of the header
 * @param dataStart the position in the file that offsets count from
 */
record SafetensorsHeader(SequencedMap<String, String> metadata, SequencedMap<String, Entry> tensors, long dataStart) {
  /** The limit of the format's own implementation; it bounds what a damaged length can make us allocate. */
  static final long LONGEST = 100_000_000;

  static final int PREFIX_BYTES = Long.BYTES;

  /** A tensor and the half-open byte range [begin, end) it occupies after the header. */
  record Entry(TensorInfo info, long begin, long end) {}

  SafetensorsHeader {
    metadata = Collections.unmodifiableSequencedMap(metadata);
    tensors = Collections.unmodifiableSequencedMap(tensors);
  }

  static SafetensorsHeader read(FileChannel channel, Path file) throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < PREFIX_BYTES) {
      throw new CheckpointException(
          "%s is %d bytes long, but a safetensors file has at least %d".formatted(file, fileBytes, PREFIX_BYTES));
    }
    long length = readFully(channel, file, 0, PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length == 0 || Long.compareUnsigned(length, LONGEST) > 0) {
      throw new CheckpointException(
          "%s is no safetensors file or is damaged: it states a header of %s bytes, expected 1 to %d"
              .formatted(file, Long.toUnsignedString(length), LONGEST));
    }
    if (length > fileBytes - PREFIX_BYTES) {
      throw new CheckpointException(
          "%s is truncated: it states a header of %d bytes, but only %d bytes follow"
              .formatted(file, length, fileBytes - PREFIX_BYTES));
    }
    String json = decode(readFully(channel, file, PREFIX_BYTES, (int) length), file);
    long dataStart = PREFIX_BYTES + length;
    var header = SafetensorsHeaderParser.parse(json, file, dataStart);
    header.checkLayout(file, fileBytes - dataStart);
    return header;
  }

  private static String decode(ByteBuffer bytes, Path file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException failure) {
      throw new CheckpointException(
          "%s is no safetensors file or is damaged: its header is not UTF-8 text".formatted(file), failure);
    }
  }

  private static ByteBuffer readFully(FileChannel channel, Path file, long position, int length) throws IOException {
    var bytes = ByteBuffer.allocate(length);
    readFully(channel, file, position, bytes);
    return bytes;
  }

  /** Fills the buffer from the file and flips it. */
  static void readFully(FileChannel channel, Path file, long position, ByteBuffer bytes) throws IOException {
    int start = bytes.position();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position() - start) < 0) {
        throw new CheckpointException(
            "%s became shorter while it was read, so another process is changing it".formatted(file));
      }
    }
    bytes.flip();
  }

  private void checkLayout(Path file, long dataBytes) {
    var inOrder = new ArrayList<>(tensors.entrySet());
    inOrder.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long covered = 0;
    String previous = "the header";
    for (var named : inOrder) {
      String name = "tensor " + Wording.quoted(named.getKey());
      checkPosition(file, name, named.getValue(), previous, covered, dataBytes);
      covered = named.getValue().end();
      previous = name;
    }
    if (covered != dataBytes) {
      throw new CheckpointException(
          "%s has %d bytes of data, but its tensors describe %d".formatted(file, dataBytes, covered));
    }
  }

  private static void checkPosition(
      Path file, String name, Entry entry, String previous, long covered, long dataBytes) {
    if (entry.end() > dataBytes) {
      throw new CheckpointException(
          "%s is truncated or damaged: %s ends at offset %d, but there are %d bytes of data"
              .formatted(file, name, entry.end(), dataBytes));
    }
    if (entry.begin() < covered) {
      throw new CheckpointException(
          "%s: %s begins at offset %d and overlaps %s, which ends at %d"
              .formatted(file, name, entry.begin(), previous, covered));
    }
    if (entry.begin() > covered) {
      throw new CheckpointException(
          "%s: %s begins at offset %d and leaves a hole, expected it at %d, right behind %s"
              .formatted(file, name, entry.begin(), covered, previous));
    }
  }
}
