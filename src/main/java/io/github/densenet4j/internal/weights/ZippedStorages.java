package io.github.densenet4j.internal.weights;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.Wording;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What {@code torch.save} writes from 1.6 on: a zip archive with a folder in which {@code data.pkl} has the object and
 * {@code data/KEY} the bytes of each storage, none of them compressed.
 */
final class ZippedStorages implements StorageBytes {
  private static final String PICKLE = "/data.pkl";
  private static final int MOST_PICKLE_BYTES = 8 << 20; // 20 times that of the largest DenseNet

  private final Path file;
  private final ZipFile zip;
  private final String folder;

  private ZippedStorages(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
    folder =
        zip.stream()
            .map(ZipEntry::getName)
            .filter(name -> name.indexOf('/') == name.length() - PICKLE.length() && name.endsWith(PICKLE))
            .findFirst()
            .map(name -> name.substring(0, name.indexOf('/') + 1))
            .orElseThrow(() -> new CheckpointException(
                file + " is a zip archive that torch.save did not write: it has no data.pkl in a folder"));
  }

  static WeightFile open(Path file) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException damaged) {
      throw new CheckpointException(
          "%s is truncated or damaged, so get it again: %s".formatted(file, Wording.reason(damaged)), damaged);
    } catch (IllegalArgumentException damaged) { // a name that is no text
      throw new CheckpointException(file + " is damaged, so get it again: it has an entry without a name", damaged);
    }
    try {
      return new ZippedStorages(file, zip).weights();
    } catch (IOException | RuntimeException | Error failure) {
      try {
        zip.close();
      } catch (IOException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
  }

  private WeightFile weights() throws IOException {
    var order = zip.getEntry(folder + "byteorder");
    if (order != null && !new String(bytes(order, 16), StandardCharsets.US_ASCII).equals("little")) {
      throw new CheckpointException(file + " was saved on a big-endian machine, which is not supported");
    }
    var unpickler = new InertUnpickler(file.toString());
    var pickle = new ByteArrayInputStream(bytes(entry(folder + PICKLE.substring(1)), MOST_PICKLE_BYTES));
    Object content = unpickler.read(pickle);
    for (var storage : unpickler.storages().values()) {
      var entry = entry(name(storage));
      if (entry.getSize() != storage.whole() * storage.type().bytes()) {
        throw new CheckpointException(
            "%s is damaged: storage %s has %d bytes, but its %d elements need %d"
                .formatted(file, Wording.quoted(storage.key()), entry.getSize(), storage.whole(),
                    storage.whole() * storage.type().bytes()));
      }
    }
    return new PytorchWeights(file, new StateDict(file.toString()).of(content), this);
  }

  private String name(PickledStorage storage) {
    return folder + "data/" + storage.key();
  }

  /** An entry whose size is no larger than the file. */
  private ZipEntry entry(String name) throws IOException {
    var entry = zip.getEntry(name);
    if (entry == null) {
      throw new CheckpointException("%s is damaged: it has no entry %s".formatted(file, Wording.quoted(name)));
    }
    if (entry.getMethod() != ZipEntry.STORED) {
      throw new CheckpointException(
          "%s has a compressed entry %s, which torch.save does not write: unpack it and zip it without compression"
              .formatted(file, Wording.quoted(name)));
    }
    if (entry.getSize() > Files.size(file)) {
      throw new CheckpointException("%s is truncated: it has no room for its entry %s"
          .formatted(file, Wording.quoted(name)));
    }
    return entry;
  }

  private byte[] bytes(ZipEntry entry, int most) throws IOException {
    if (entry.getSize() > most) {
      throw new CheckpointException(
          "%s cannot be read: its entry %s has %d bytes, at most %d are supported"
              .formatted(file, Wording.quoted(entry.getName()), entry.getSize(), most));
    }
    try (var in = zip.getInputStream(entry)) {
      return in.readNBytes(most);
    }
  }

  @Override
  public void read(PickledStorage storage, long from, ByteBuffer into) throws IOException {
    try (var in = zip.getInputStream(entry(name(storage)))) {
      in.skipNBytes(from);
      int count = into.remaining();
      if (in.readNBytes(into.array(), into.position(), count) < count) {
        throw new CheckpointException(
            "%s is truncated: storage %s ends early".formatted(file, Wording.quoted(storage.key())));
      }
      into.position(into.position() + count);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
