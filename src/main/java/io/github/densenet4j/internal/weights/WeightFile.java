package io.github.densenet4j.internal.weights;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.InputFile;
import io.github.densenet4j.internal.io.Wording;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * The floating-point tensors of a file, by the names that the file has for them: a safetensors file, or one that
 * {@code torch.save} wrote of a state dict, of a training's checkpoint with a state dict in it, or of a whole module.
 * Opening checks all sizes against the file; elements are read when a tensor is asked for.
 *
 * <p>All methods throw {@link CheckpointException} if the file cannot be read or is not as it must be.
 */
public interface WeightFile extends AutoCloseable {
  /** Where a tar archive says what it is. */
  int TAR_MAGIC = 257;

  /** The shapes of the tensors, in the order of the file. */
  SequencedMap<String, List<Long>> shapes();

  /** The elements of one of them, row by row. */
  float[] floats(String name);

  @Override
  void close();

  /** Opens a file of any of these kinds, which its first bytes tell apart. */
  static WeightFile open(Path file) {
    try {
      InputFile.require(file);
      byte[] start = start(file);
      if (startsWith(start, 0, 'P', 'K', 3, 4)) {
        return ZippedStorages.open(file);
      }
      if (startsWith(start, 0, 0x80, 2, 0x8a, 10)) { // a pickle of the long integer that torch.save begins with
        return StreamedStorages.open(file);
      }
      if (startsWith(start, 0, 0x80) && start.length > 1 && start[1] >= 2 && start[1] <= 5) {
        throw new CheckpointException(
            file + " is a pickle that torch.save did not write: save the network's state_dict() with torch.save");
      }
      if (startsWith(start, TAR_MAGIC, 'u', 's', 't', 'a', 'r')) {
        throw new CheckpointException(
            file + " is an archive or was saved by a PyTorch of before 0.1.10: unpack it, or save it with a newer one");
      }
      return new SafetensorsWeights(file);
    } catch (IOException failure) {
      throw new CheckpointException("cannot read %s: %s".formatted(file, Wording.reason(failure)), failure);
    }
  }

  private static byte[] start(Path file) throws IOException {
    var start = ByteBuffer.allocate(TAR_MAGIC + 5);
    try (var channel = FileChannel.open(file)) {
      while (start.hasRemaining() && channel.read(start) >= 0) {}
    }
    var bytes = new byte[start.flip().remaining()];
    start.get(bytes);
    return bytes;
  }

  private static boolean startsWith(byte[] bytes, int at, int... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (at + i >= bytes.length || (bytes[at + i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
