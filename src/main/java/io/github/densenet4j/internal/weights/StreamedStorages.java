package io.github.densenet4j.internal.weights;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.Wording;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.save} wrote before 1.6, which much of what is published still is: five pickles, of a number, of a
 * version, of the system, of the object and of the storages' keys, and then each storage's length and bytes.
 */
final class StreamedStorages implements StorageBytes {
  private static final int MOST_PICKLE_BYTES = 8 << 20;
  private static final int VERSION = 1001;

  private final Path file;
  private final FileChannel channel;
  private final Map<String, Long> starts = new HashMap<>();

  private StreamedStorages(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static WeightFile open(Path file) throws IOException {
    var channel = FileChannel.open(file);
    try {
      return new StreamedStorages(file, channel).weights();
    } catch (IOException | RuntimeException | Error failure) {
      try {
        channel.close();
      } catch (IOException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
  }

  private WeightFile weights() throws IOException {
    var input = new FileInput(channel);
    read(input);
    if (!(read(input) instanceof Integer version && version == VERSION)) {
      throw new CheckpointException(file + " cannot be read: its version is not " + VERSION + ", save it again");
    }
    if (read(input) instanceof Map<?, ?> system && Boolean.FALSE.equals(system.get("little_endian"))) {
      throw new CheckpointException(file + " was saved on a big-endian machine, which is not supported");
    }
    var unpickler = new InertUnpickler(file.toString());
    Object content = unpickler.read(input.part(MOST_PICKLE_BYTES));
    if (!(read(input) instanceof List<?> keys)) {
      throw new CheckpointException(file + " is damaged: it has no list of its storages");
    }
    long position = input.position();
    for (var key : keys) {
      var storage = key instanceof String text ? unpickler.storages().get(text) : null;
      if (storage == null) {
        throw new CheckpointException(file + " is damaged: it lists a storage that no tensor has");
      }
      position = place(storage, position);
    }
    var missing = unpickler.storages().keySet().stream().filter(key -> !starts.containsKey(key)).findFirst();
    if (missing.isPresent()) {
      throw new CheckpointException("%s is truncated: it has no storage %s".formatted(file, missing.get()));
    }
    return new PytorchWeights(file, new StateDict(file.toString()).of(content), this);
  }

  private Object read(FileInput input) throws IOException {
    return new InertUnpickler(file.toString()).read(input.part(MOST_PICKLE_BYTES));
  }

  /** Returns the position after the storage. */
  private long place(PickledStorage storage, long position) throws IOException {
    var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    fill(position, length);
    long start = position + Long.BYTES;
    long bytes = storage.whole() * storage.type().bytes();
    if (length.flip().getLong() != storage.whole() || bytes > channel.size() - start) {
      throw new CheckpointException(
          "%s is truncated or damaged: it does not have the %d elements of its storage %s"
              .formatted(file, storage.whole(), Wording.quoted(storage.key())));
    }
    starts.put(storage.key(), start);
    return start + bytes;
  }

  @Override
  public void read(PickledStorage storage, long from, ByteBuffer into) throws IOException {
    fill(starts.get(storage.key()) + from, into);
  }

  private void fill(long position, ByteBuffer into) throws IOException {
    for (long at = position; into.hasRemaining(); ) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new CheckpointException(file + " is truncated, so get it again");
      }
      at += count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
