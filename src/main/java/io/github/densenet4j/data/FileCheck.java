package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.io.ImageHeader;
import io.github.densenet4j.internal.io.Images;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which files can be read. All headers are looked at; whether the rest is sound, too, shows when a file is decoded, so
 * where unreadable files are to be left out, each is decoded once.
 *
 * @param readable the files without those
 * @param isDeep whether one of them has samples of more than 8 bits
 * @param warnings a sentence about those that were left out, whose subject is the training, if there are any
 */
record FileCheck(LabelledFiles readable, boolean isDeep, List<String> warnings) {
  private static final int MOST_NAMED = 3;
  private static final String SKIP = "ImageFiles.skipUnreadable";

  private static final byte PLAIN = 0;
  private static final byte DEEP = 1;
  private static final byte UNREADABLE = 2;

  /** @throws DataException if a file cannot be read and {@code skip} is not allowed, or none can */
  static FileCheck of(LabelledFiles files, boolean skip) {
    var states = new byte[files.count()];
    IntStream.range(0, states.length).parallel().forEach(i -> states[i] = state(files.files().path(i), skip));
    int[] unreadable = where(states, UNREADABLE, true);
    if (unreadable.length > 0 && (!skip || unreadable.length == states.length)) {
      throw new DataException(
          "%,d of %,d image files cannot be read (%s): repair or remove them%s."
              .formatted(
                  unreadable.length, states.length, reasons(files.files(), unreadable, skip),
                  skip ? "" : ", or leave them out with " + SKIP),
          SKIP);
    }
    var readable = unreadable.length == 0 ? files : files.select(where(states, UNREADABLE, false));
    boolean deep = where(states, DEEP, true).length > 0;
    var warnings =
        unreadable.length == 0
            ? List.<String>of()
            : List.of(
                "leaves out %,d of %,d image files that cannot be read: %s"
                    .formatted(unreadable.length, states.length, reasons(files.files(), unreadable, true)));
    return new FileCheck(readable, deep, warnings);
  }

  private static byte state(Path file, boolean decode) {
    try {
      boolean deep = ImageHeader.read(file).isDeep();
      if (decode) {
        Images.read(file);
      }
      return deep ? DEEP : PLAIN;
    } catch (DataException unreadable) {
      return UNREADABLE;
    }
  }

  private static int[] where(byte[] states, byte state, boolean equal) {
    return IntStream.range(0, states.length).filter(i -> states[i] == state == equal).toArray();
  }

  /** Of the first few. */
  private static String reasons(FileList files, int[] unreadable, boolean decode) {
    String some =
        Arrays.stream(unreadable)
            .limit(MOST_NAMED)
            .mapToObj(i -> reason(files.path(i), decode))
            .collect(Collectors.joining("; "));
    return unreadable.length > MOST_NAMED ? some + "; ..." : some;
  }

  private static String reason(Path file, boolean decode) {
    try {
      ImageHeader.read(file);
      if (decode) {
        Images.read(file);
      }
      return file + " has changed meanwhile";
    } catch (DataException unreadable) {
      return unreadable.getMessage();
    }
  }
}
