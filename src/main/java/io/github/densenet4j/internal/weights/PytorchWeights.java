package io.github.densenet4j.internal.weights;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.Wording;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The weights of a file that {@code torch.save} wrote. */
final class PytorchWeights implements WeightFile {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final SequencedMap<String, PickledTensor> tensors;
  private final StorageBytes bytes;
  private final SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();

  /** @param bytes of the storages of all tensors; belongs to this from now on */
  PytorchWeights(Path file, SequencedMap<String, PickledTensor> tensors, StorageBytes bytes) {
    this.file = file;
    this.tensors = tensors;
    this.bytes = bytes;
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.storage().type().isFloatingPoint()) {
            shapes.put(name, tensor.shape());
          }
        });
  }

  @Override
  public SequencedMap<String, List<Long>> shapes() {
    return shapes;
  }

  @Override
  public float[] floats(String name) {
    var tensor = tensors.get(name);
    try {
      return tensor.gather(spanned(tensor));
    } catch (IOException failure) {
      throw cannotRead(failure);
    }
  }

  private float[] spanned(PickledTensor tensor) throws IOException {
    var storage = tensor.storage();
    var type = storage.type();
    var values = new float[tensor.span()];
    long start = (storage.first() + tensor.offset()) * type.bytes();
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, CHUNK_BYTES / type.bytes());
      var piece = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      bytes.read(storage, start + (long) done * type.bytes(), piece);
      piece.flip();
      for (int i = 0; i < count; i++) {
        values[done + i] = type.next(piece);
      }
      done += count;
    }
    return values;
  }

  private CheckpointException cannotRead(IOException failure) {
    return new CheckpointException("cannot read %s: %s".formatted(file, Wording.reason(failure)), failure);
  }

  @Override
  public void close() {
    try {
      bytes.close();
    } catch (IOException failure) {
      throw cannotRead(failure);
    }
  }
}
