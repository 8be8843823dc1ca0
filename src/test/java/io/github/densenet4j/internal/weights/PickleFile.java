package io.github.densenet4j.internal.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files like those that {@code torch.save} writes, put together by hand. */
final class PickleFile {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private final LinkedHashMap<String, byte[]> entries = new LinkedHashMap<>();
  private int method = ZipEntry.STORED;

  PickleFile() {
    bytes(0x80, 2);
  }

  PickleFile bytes(int... opcodes) {
    for (int opcode : opcodes) {
      pickle.write(opcode);
    }
    return this;
  }

  /** Operations that are letters, and the text of one that names something. */
  PickleFile operations(String letters) {
    pickle.writeBytes(letters.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  PickleFile text(String text) {
    return operations("X").integer(text.length()).operations(text);
  }

  PickleFile number(int value) {
    return operations("J").integer(value);
  }

  private PickleFile integer(int value) {
    pickle.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  /** A tensor of one extent in a storage. */
  PickleFile tensor(String storageType, String key, int stored, int offset, int extent, int stride) {
    return operations("ctorch._utils\n_rebuild_tensor_v2\n((")
        .text("storage").operations("ctorch\n" + storageType + "\n").text(key).text("cpu").number(stored)
        .operations("tQ").number(offset).number(extent).bytes(0x85).number(stride).bytes(0x85)
        .bytes(0x89).operations("ccollections\nOrderedDict\n)RtR");
  }

  PickleFile entry(String name, byte[] bytes) {
    entries.put(name, bytes);
    return this;
  }

  PickleFile compressed() {
    method = ZipEntry.DEFLATED;
    return this;
  }

  byte[] pickle() {
    return pickle.toByteArray();
  }

  Path zip(Path file) throws IOException {
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      entries.putFirst("archive/data.pkl", pickle());
      for (var entry : entries.entrySet()) {
        var header = new ZipEntry(entry.getKey());
        header.setMethod(method);
        var crc = new CRC32();
        crc.update(entry.getValue());
        header.setCrc(crc.getValue());
        header.setSize(entry.getValue().length);
        zip.putNextEntry(header);
        zip.write(entry.getValue());
      }
    }
    return file;
  }

  /** In the format of before 1.6, with no storages. */
  Path stream(Path file) throws IOException {
    return stream(file, new PickleFile().operations("]."));
  }

  /** In the format of before 1.6, with these keys of storages and no bytes of them. */
  Path stream(Path file, PickleFile keys) throws IOException {
    var all = new ByteArrayOutputStream();
    byte[] magic = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a,
      (byte) 0xa8, 0x50, 0x19, '.'};
    all.writeBytes(magic);
    all.writeBytes(new PickleFile().number(1001).operations(".").pickle());
    all.writeBytes(new PickleFile().operations("}.").pickle());
    all.writeBytes(pickle());
    all.writeBytes(keys.pickle());
    return Files.write(file, all.toByteArray());
  }
}
