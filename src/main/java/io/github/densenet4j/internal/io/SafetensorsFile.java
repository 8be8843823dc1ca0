package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * A safetensors file opened for reading: an unsigned 64-bit header length, a JSON header, then the raw little-endian
 * data. Opening checks the whole header against the file; the data is read only when a tensor is asked for.
 *
 * <p>All methods throw {@link CheckpointException} if the file cannot be read or lacks what is asked for.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path file, FileChannel channel, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  /** Takes the elements of a tensor piece by piece; {@code first} is the index of the piece's first element. */
  private interface Pieces {
    void take(ByteBuffer piece, int first);
  }

  /** Opens the file and checks its header; see {@link SafetensorsHeader}. */
  public static SafetensorsFile open(Path file) {
    if (Files.isDirectory(file)) {
      throw new CheckpointException("cannot read %s: it is a folder, expected a safetensors file".formatted(file));
    }
    FileChannel channel = null;
    try {
      InputFile.require(file);
      channel = FileChannel.open(file);
      return new SafetensorsFile(file, channel, SafetensorsHeader.read(channel, file));
    } catch (IOException failure) {
      closeAfter(failure, channel);
      throw cannotRead(file, failure);
    } catch (RuntimeException | Error failure) {
      closeAfter(failure, channel);
      throw failure;
    }
  }

  /** The texts of {@code __metadata__}, in the order of the file; empty if there are none. */
  public SequencedMap<String, String> metadata() {
    return header.metadata();
  }

  /** The names of the tensors, in the order of the header. */
  public SequencedSet<String> names() {
    return header.tensors().sequencedKeySet();
  }

  /** The type and shape of a tensor. */
  public TensorInfo info(String name) {
    return entry(name).info();
  }

  /** A tensor of F32 as it is, of F64 rounded to nearest, or of F16 or BF16 widened without loss. */
  public float[] floats(String name) {
    var values = new float[arrayLength(name)];
    switch (info(name).type()) {
      case F32 -> read(name, (piece, first) -> piece.asFloatBuffer().get(values, first, piece.remaining() / 4));
      case F64 -> read(name, (piece, first) -> {
        for (int i = first; piece.hasRemaining(); i++) {
          values[i] = (float) piece.getDouble();
        }
      });
      case F16 -> read(name, (piece, first) -> {
        for (int i = first; piece.hasRemaining(); i++) {
          values[i] = Float.float16ToFloat(piece.getShort());
        }
      });
      case BF16 -> read(name, (piece, first) -> {
        for (int i = first; piece.hasRemaining(); i++) {
          values[i] = Float.intBitsToFloat(piece.getShort() << 16); // bf16 is the upper half of a float
        }
      });
      case I64, I32, U8 -> throw wrongType(name, "a floating-point type");
    }
    return values;
  }

  /** A tensor of F64 as it is, or of F32, F16 or BF16 widened without loss. */
  public double[] doubles(String name) {
    if (info(name).type() != SafetensorsType.F64) {
      float[] narrow = floats(name);
      var values = new double[narrow.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = narrow[i];
      }
      return values;
    }
    var values = new double[arrayLength(name)];
    read(name, (piece, first) -> piece.asDoubleBuffer().get(values, first, piece.remaining() / 8));
    return values;
  }

  /** A tensor of I64 as it is, of I32 widened, or of U8 as 0 to 255. */
  public long[] longs(String name) {
    var values = new long[arrayLength(name)];
    switch (info(name).type()) {
      case I64 -> read(name, (piece, first) -> piece.asLongBuffer().get(values, first, piece.remaining() / 8));
      case I32 -> read(name, (piece, first) -> {
        for (int i = first; piece.hasRemaining(); i++) {
          values[i] = piece.getInt();
        }
      });
      case U8 -> read(name, (piece, first) -> {
        for (int i = first; piece.hasRemaining(); i++) {
          values[i] = Byte.toUnsignedLong(piece.get());
        }
      });
      case F64, F32, F16, BF16 -> throw wrongType(name, "an integer type");
    }
    return values;
  }

  /** The raw little-endian bytes of a tensor of any type. */
  public byte[] bytes(String name) {
    var values = new byte[arrayLength(name, info(name).bytes(), "bytes")];
    copyTo(MemorySegment.ofArray(values), name);
    return values;
  }

  /**
   * Copies the raw little-endian bytes of a tensor of any type and size, without an array between.
   *
   * @throws IllegalArgumentException if the target is not exactly as long as the tensor
   */
  public void copyTo(MemorySegment target, String name) {
    var entry = entry(name);
    if (target.byteSize() != entry.info().bytes()) {
      throw new IllegalArgumentException(
          "tensor %s has %d bytes, the target %d".formatted(name, entry.info().bytes(), target.byteSize()));
    }
    try {
      for (long done = 0; done < target.byteSize(); done += CHUNK_BYTES) {
        var piece = target.asSlice(done, Math.min(CHUNK_BYTES, target.byteSize() - done)).asByteBuffer();
        SafetensorsHeader.readFully(channel, file, header.dataStart() + entry.begin() + done, piece);
      }
    } catch (IOException failure) {
      throw cannotRead(file, failure);
    }
  }

  /**
   * The raw little-endian bytes of a tensor of any type and size, in mapped memory, which outlives this file object. A
   * file that becomes shorter meanwhile makes reading them throw {@link InternalError}.
   */
  public MemorySegment map(String name) {
    var entry = entry(name);
    try {
      return channel.map(
          FileChannel.MapMode.READ_ONLY, header.dataStart() + entry.begin(), entry.info().bytes(), Arena.ofAuto());
    } catch (IOException failure) {
      throw cannotRead(file, failure);
    }
  }

  /** Refuses tensors that are not those of which the metadata states a checksum; a file without one passes. */
  public void requireDigest() {
    String stated = metadata().get(TensorDigest.KEY);
    if (stated == null) {
      return;
    }
    var digest = new TensorDigest();
    for (String name : new TreeSet<>(names())) {
      digest.begin(name, info(name));
      read(name, (piece, _) -> digest.write(piece));
    }
    if (!digest.hex().equals(stated)) {
      throw new CheckpointException(
          "%s is damaged: its tensors do not have the checksum that it states, so use a copy of it".formatted(file));
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw cannotRead(file, failure);
    }
  }

  private void read(String name, Pieces pieces) {
    var entry = entry(name);
    int width = entry.info().type().bytes();
    var piece = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, entry.info().bytes())).order(ByteOrder.LITTLE_ENDIAN);
    try {
      for (long at = entry.begin(); at < entry.end(); at += piece.limit()) {
        piece.clear().limit((int) Math.min(piece.capacity(), entry.end() - at));
        SafetensorsHeader.readFully(channel, file, header.dataStart() + at, piece);
        pieces.take(piece, (int) ((at - entry.begin()) / width));
      }
    } catch (IOException failure) {
      throw cannotRead(file, failure);
    }
  }

  private SafetensorsHeader.Entry entry(String name) {
    var entry = header.tensors().get(name);
    if (entry == null) {
      throw new CheckpointException(
          "%s has no tensor %s among its %d".formatted(file, Wording.quoted(name), header.tensors().size()));
    }
    return entry;
  }

  private int arrayLength(String name) {
    return arrayLength(name, info(name).elements(), "elements");
  }

  private int arrayLength(String name, long length, String unit) {
    if (length > LONGEST_ARRAY) {
      throw new CheckpointException(
          "%s: tensor %s has %d %s, but a Java array holds at most %d, so copy it to native memory"
              .formatted(file, Wording.quoted(name), length, unit, LONGEST_ARRAY));
    }
    return (int) length;
  }

  private CheckpointException wrongType(String name, String expected) {
    return new CheckpointException(
        "%s: tensor %s is %s, expected %s".formatted(file, Wording.quoted(name), info(name).type(), expected));
  }

  private static CheckpointException cannotRead(Path file, IOException failure) {
    return new CheckpointException("cannot read %s: %s".formatted(file, Wording.reason(failure)), failure);
  }

  private static void closeAfter(Throwable failure, FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException second) {
      failure.addSuppressed(second);
    }
  }
}
