package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Collects tensors and metadata and writes them as one safetensors file. The bytes depend on nothing but the tensors,
 * the metadata and the order of the calls. The header keeps that order; the data lies by falling element size, and
 * begins at a multiple of 8, so that every tensor is aligned to its own type for readers that map the file.
 *
 * <p>Sources are not copied: they are read by {@link #write}, which may be called more than once. Wrong arguments throw
 * {@link IllegalArgumentException}.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK_BYTES = 1 << 20;

  private final SequencedMap<String, String> metadata = new LinkedHashMap<>();
  private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

  private boolean digested;

  private record Tensor(String name, TensorInfo info, Data data) {}

  /** The raw little-endian bytes of a tensor. */
  @FunctionalInterface
  public interface Data {
    /** Writes all of them. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /** Adds a text to the metadata. */
  public SafetensorsWriter metadata(String key, String value) {
    if (metadata.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("metadata " + key + " is there already");
    }
    return this;
  }

  /** Has the file state a checksum of its tensors, which {@link SafetensorsFile#requireDigest} compares with them. */
  public SafetensorsWriter digested() {
    digested = true;
    return this;
  }

  /** Adds a tensor of F32. */
  public SafetensorsWriter add(String name, float[] values, long... shape) {
    return add(name, () -> values, shape);
  }

  /** Adds a tensor of F32: as many of {@code values} as the shape has, from {@code offset} on. */
  public SafetensorsWriter addPart(String name, float[] values, int offset, long... shape) {
    var info = info(SafetensorsType.F32, shape);
    int elements = Math.toIntExact(info.elements());
    Objects.checkFromIndexSize(offset, elements, values.length);
    Encoder encoder = (piece, from, n) -> piece.asFloatBuffer().put(values, offset + from, n);
    return put(name, info, channel -> writePieces(channel, elements, Float.BYTES, encoder));
  }

  /** Adds a tensor of F32 whose values are asked for when the file is written, so that one at a time is in memory. */
  public SafetensorsWriter add(String name, Supplier<float[]> values, long... shape) {
    var info = info(SafetensorsType.F32, shape);
    return put(name, info, channel -> {
      float[] array = values.get();
      requireElements(name, info, array.length);
      writePieces(channel, array.length, Float.BYTES, (piece, from, n) -> piece.asFloatBuffer().put(array, from, n));
    });
  }

  /** Adds a tensor of F64. */
  public SafetensorsWriter add(String name, double[] values, long... shape) {
    var info = info(SafetensorsType.F64, shape);
    requireElements(name, info, values.length);
    Encoder encoder = (piece, from, n) -> piece.asDoubleBuffer().put(values, from, n);
    return put(name, info, channel -> writePieces(channel, values.length, Double.BYTES, encoder));
  }

  /** Adds a tensor of I64. */
  public SafetensorsWriter add(String name, long[] values, long... shape) {
    var info = info(SafetensorsType.I64, shape);
    requireElements(name, info, values.length);
    Encoder encoder = (piece, from, n) -> piece.asLongBuffer().put(values, from, n);
    return put(name, info, channel -> writePieces(channel, values.length, Long.BYTES, encoder));
  }

  /** Adds a tensor of U8. */
  public SafetensorsWriter add(String name, byte[] values, long... shape) {
    return add(name, SafetensorsType.U8, MemorySegment.ofArray(values), shape);
  }

  /** Adds a tensor of any type and size from its raw little-endian bytes. */
  public SafetensorsWriter add(String name, SafetensorsType type, MemorySegment bytes, long... shape) {
    var info = info(type, shape);
    if (bytes.byteSize() != info.bytes()) {
      throw new IllegalArgumentException(
          "tensor %s: %d bytes given, but %s of shape %s takes %d"
              .formatted(name, bytes.byteSize(), type, info.shape(), info.bytes()));
    }
    return put(name, info, channel -> {
      for (long done = 0; done < bytes.byteSize(); done += CHUNK_BYTES) {
        long length = Math.min(CHUNK_BYTES, bytes.byteSize() - done);
        AtomicFile.writeFully(channel, bytes.asSlice(done, length).asByteBuffer());
      }
    });
  }

  /**
   * Adds a tensor of any type and size whose bytes are made when the file is written, such as one larger than memory.
   *
   * @param data writes exactly the bytes of the shape, or {@link #write} throws {@link IllegalArgumentException}
   */
  public SafetensorsWriter addStreamed(String name, SafetensorsType type, Data data, long... shape) {
    return put(name, info(type, shape), data);
  }

  /**
   * Writes the file through {@link AtomicFile}.
   *
   * @throws CheckpointException if the file cannot be written
   * @throws IllegalArgumentException if a supplier gives another number of values than its shape has
   */
  public void write(Path file) {
    if (digested) {
      metadata.put(TensorDigest.KEY, digest());
    }
    var byAlignment = new ArrayList<>(tensors.values());
    byAlignment.sort(Comparator.comparingInt((Tensor t) -> t.info().type().bytes()).reversed()); // stable
    byte[] header = header(byAlignment);
    if (header.length > SafetensorsHeader.LONGEST) {
      throw new CheckpointException(
          "cannot write %s: its header would take %d bytes, the format allows %d"
              .formatted(file, header.length, SafetensorsHeader.LONGEST));
    }
    AtomicFile.write(file, channel -> {
      var prefix = ByteBuffer.allocate(SafetensorsHeader.PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      AtomicFile.writeFully(channel, prefix.putLong(header.length).flip());
      AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
      for (var tensor : byAlignment) {
        var counting = new Counting(channel);
        tensor.data().writeTo(counting);
        requireBytes(tensor, counting.written);
      }
    });
  }

  private static void requireBytes(Tensor tensor, long written) {
    if (written != tensor.info().bytes()) {
      throw new IllegalArgumentException(
          "tensor %s: %d bytes written, but shape %s takes %d"
              .formatted(tensor.name(), written, tensor.info().shape(), tensor.info().bytes()));
    }
  }

  /** Passes bytes on and counts them; the position of a pipe could not be asked for. */
  private static final class Counting implements WritableByteChannel {
    private final WritableByteChannel channel;
    private long written;

    Counting(WritableByteChannel channel) {
      this.channel = channel;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = channel.write(bytes);
      written += count;
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

  private String digest() {
    var digest = new TensorDigest();
    try {
      for (String name : new TreeSet<>(tensors.keySet())) {
        var tensor = tensors.get(name);
        digest.begin(name, tensor.info());
        tensor.data().writeTo(digest);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException("a digest cannot fail", impossible);
    }
    return digest.hex();
  }

  private byte[] header(List<Tensor> dataOrder) {
    Map<String, Long> begins = new LinkedHashMap<>();
    long end = 0;
    for (var tensor : dataOrder) {
      begins.put(tensor.name(), end);
      end = Math.addExact(end, tensor.info().bytes());
    }
    var object = new LinkedHashMap<String, Object>();
    if (!metadata.isEmpty()) {
      object.put(SafetensorsHeaderParser.METADATA, metadata);
    }
    for (var tensor : tensors.values()) {
      long begin = begins.get(tensor.name());
      var description = new LinkedHashMap<String, Object>();
      description.put("dtype", tensor.info().type().name());
      description.put("shape", tensor.info().shape());
      description.put("data_offsets", List.of(begin, begin + tensor.info().bytes()));
      object.put(tensor.name(), description);
    }
    byte[] json = Json.toLine(object).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private SafetensorsWriter put(String name, TensorInfo info, Data data) {
    if (name.equals(SafetensorsHeaderParser.METADATA)) {
      throw new IllegalArgumentException(name + " is reserved by the format");
    }
    if (tensors.putIfAbsent(name, new Tensor(name, info, data)) != null) {
      throw new IllegalArgumentException("tensor " + name + " is there already");
    }
    return this;
  }

  private static TensorInfo info(SafetensorsType type, long... shape) {
    return new TensorInfo(type, Arrays.stream(shape).boxed().toList());
  }

  private static void requireElements(String name, TensorInfo info, long given) {
    if (given != info.elements()) {
      throw new IllegalArgumentException(
          "tensor %s: %d values given, but shape %s has %d".formatted(name, given, info.shape(), info.elements()));
    }
  }

  /** Encodes {@code n} elements of the source, beginning at {@code from}, into the little-endian piece. */
  private interface Encoder {
    void encode(ByteBuffer piece, int from, int n);
  }

  private static void writePieces(WritableByteChannel channel, int elements, int width, Encoder encoder)
      throws IOException {
    int perPiece = Math.clamp(elements, 1, CHUNK_BYTES / width);
    var piece = ByteBuffer.allocate(perPiece * width).order(ByteOrder.LITTLE_ENDIAN);
    for (long from = 0; from < elements; from += perPiece) {
      int n = (int) Math.min(perPiece, elements - from);
      encoder.encode(piece, (int) from, n);
      AtomicFile.writeFully(channel, piece.limit(n * width));
      piece.clear();
    }
  }
}
