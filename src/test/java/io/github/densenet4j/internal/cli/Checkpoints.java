package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Safetensors files taken apart by hand. */
final class Checkpoints {
  private Checkpoints() {}

  /** The file with its header changed, and as long as before, or longer with spaces to a multiple of 8 bytes. */
  static byte[] edit(Path file, UnaryOperator<String> change) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String before = header(bytes);
    String after = change.apply(before);
    if (after.equals(before)) {
      throw new AssertionError("nothing changed in " + before);
    }
    byte[] header = (after + " ".repeat(-after.length() & 7)).getBytes(StandardCharsets.UTF_8);
    int data = Long.BYTES + before.length();
    return ByteBuffer.allocate(Long.BYTES + header.length + bytes.length - data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(bytes, data, bytes.length - data)
        .array();
  }

  /** The file with a tensor's bytes claimed to begin elsewhere, counted from the end of the header. */
  static byte[] move(Path file, String tensor, int begin) throws IOException {
    var entry = Pattern.compile("(\"" + Pattern.quote(tensor) + "\":\\{[^}]*\"data_offsets\":)\\[(\\d+),(\\d+)]");
    return edit(
        file,
        header ->
            entry
                .matcher(header)
                .replaceFirst(
                    found -> {
                      int bytes = Integer.parseInt(found.group(3)) - Integer.parseInt(found.group(2));
                      return found.group(1) + "[" + begin + "," + (begin + bytes) + "]";
                    }));
  }

  /** Where a tensor's bytes begin, counted from the end of the header. */
  static int begin(Path file, String tensor) throws IOException {
    var entry = (Map<?, ?>) Json.parse(header(Files.readAllBytes(file)), "header").get(tensor);
    return Math.toIntExact((Long) ((List<?>) entry.get("data_offsets")).getFirst());
  }

  /** Where the header ends in the file. */
  static int dataStart(Path file) throws IOException {
    return Long.BYTES + header(Files.readAllBytes(file)).length();
  }

  private static String header(byte[] bytes) {
    int length = Math.toIntExact(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0));
    return new String(bytes, Long.BYTES, length, StandardCharsets.US_ASCII);
  }
}
