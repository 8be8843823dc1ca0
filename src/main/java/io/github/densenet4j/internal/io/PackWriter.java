package io.github.densenet4j.internal.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes {@link PackFile}s, image by image: nothing is kept in memory but the labels. */
public final class PackWriter {
  private static final int DIGEST_BYTES = 16;

  private PackWriter() {}

  /**
   * Images to write.
   *
   * @param type U8 or F32
   * @param labels (N)
   * @param images writes (N, height, width, channels)
   */
  public record Part(
      int height, int width, int channels, SafetensorsType type, int[] labels, SafetensorsWriter.Data images) {}

  /**
   * Writes a file, whole or not at all.
   *
   * @param classNames by label
   * @param texts what the file is to say of its images
   * @throws io.github.densenet4j.error.CheckpointException if it cannot be written
   */
  public static void write(
      Path file, List<String> classNames, Map<String, String> texts, Part training, Optional<Part> heldOut) {
    var writer =
        new SafetensorsWriter()
            .metadata(PackFile.FORMAT_KEY, PackFile.FORMAT)
            .metadata(PackFile.VERSION_KEY, PackFile.VERSION)
            .metadata(PackFile.CLASSES_KEY, Json.toLine(Map.of(PackFile.CLASSES_KEY, classNames)));
    texts.forEach(writer::metadata);
    add(writer, PackFile.TRAINING, training);
    heldOut.ifPresent(part -> add(writer, PackFile.HELD_OUT, part));
    writer.write(file);
  }

  /** Tensors are written by falling size of their elements, in this order: a digest comes after what it is of. */
  private static void add(SafetensorsWriter writer, String name, Part part) {
    var digest = digest(part);
    writer
        .addStreamed(
            PackFile.images(name), part.type(), channel -> part.images().writeTo(new Digesting(channel, digest)),
            part.labels().length, part.height(), part.width(), part.channels())
        .add(PackFile.labels(name), SafetensorsType.I32, littleEndian(part.labels()), part.labels().length)
        .addStreamed(
            PackFile.digest(name), SafetensorsType.U8,
            channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(digest.digest(), 0, DIGEST_BYTES)),
            DIGEST_BYTES);
  }

  private static MemorySegment littleEndian(int[] values) {
    var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return MemorySegment.ofArray(bytes.array());
  }

  /** Of everything but the pixels. */
  private static MessageDigest digest(Part part) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      String head =
          "%s %dx%dx%dx%d %s"
              .formatted(
                  part.type(), part.labels().length, part.height(), part.width(), part.channels(),
                  Arrays.toString(part.labels()));
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      return digest;
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** Passes bytes on, and adds them to a digest. */
  private record Digesting(WritableByteChannel channel, MessageDigest digest) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      var unread = bytes.duplicate();
      int count = channel.write(bytes);
      digest.update(unread.limit(unread.position() + count));
      return count;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
