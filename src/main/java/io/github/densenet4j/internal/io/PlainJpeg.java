package io.github.densenet4j.internal.io;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;

/**
 * A JPEG file without what is not needed for its samples: colour profiles, thumbnails, comments. What remains begins
 * with a marker that settles how the samples are stored, as libjpeg settles it, because the decoder of the JDK lets profiles
 * change samples, refuses files for the sake of damaged ones, and guesses where markers are missing.
 *
 * @param width pixels
 * @param height pixels; 0 if the file says so only after its first scan
 * @param components samples of a pixel
 * @param scans how often the decoder goes over the pixels
 * @param adobe how the samples of four components are stored, as Adobe says it: 2 is YCCK; empty if nothing says it
 * @param orientation by EXIF
 * @param bytes the file
 */
record PlainJpeg(
    int width,
    int height,
    int components,
    int scans,
    Optional<Integer> adobe,
    Orientation orientation,
    byte[] bytes) {
  private static final int PROGRESSIVE = 0xc2; // baseline and extended lie before it
  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COMMENT = 0xfe;

  private static final String EXIF = "Exif\0\0";

  /** Version 1.1, no unit, 1x1, no thumbnail: the samples are grey or YCbCr; four components are left as they are. */
  private static final byte[] JFIF =
      segment(APP0, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);

  /** Version 100, no flags, no transform: the samples are RGB. */
  private static final byte[] ADOBE_RGB = segment(APP14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0);

  /** Whether it has its end marker; what is missing of others is made up by decoders. */
  boolean complete() {
    return bytes[bytes.length - 1] == (byte) END && bytes[bytes.length - 2] == (byte) 0xff;
  }

  private static byte[] segment(int marker, int... body) {
    byte[] bytes = new byte[4 + body.length];
    bytes[0] = (byte) 0xff;
    bytes[1] = (byte) marker;
    bytes[3] = (byte) (2 + body.length);
    for (int i = 0; i < body.length; i++) {
      bytes[4 + i] = (byte) body[i];
    }
    return bytes;
  }

  /**
   * Takes a file apart.
   *
   * @throws IOException if it ends before its first scan, or is none
   */
  static PlainJpeg of(byte[] file) throws IOException {
    return new Walk(file).plain();
  }

  /** What is known of a file on the way through its markers. */
  private static final class Walk {
    private final byte[] file;
    private final ByteArrayOutputStream kept;
    private int at;
    private int width;
    private int height;
    private int components;
    private int scans;
    private String identifiers = "";
    private boolean jfif;
    private Optional<Integer> adobeTransform = Optional.empty();
    private Orientation orientation = Orientation.UPRIGHT;

    Walk(byte[] file) {
      this.file = file;
      kept = new ByteArrayOutputStream(file.length);
    }

    PlainJpeg plain() throws IOException {
      at = 2; // the start marker is there: the file was taken for a JPEG by it
      int marker = marker();
      while (marker != END) {
        segment(marker);
        if (marker == SCAN) {
          scans++;
          copyEntropyCoded();
          if (at >= file.length) {
            break; // the decoder says what that means
          }
        }
        marker = marker();
      }
      if (components == 0 || scans == 0) {
        throw new EOFException("there is no scan of a frame");
      }
      return new PlainJpeg(
          width, height, components, scans, adobeTransform, orientation, rebuilt(marker));
    }

    private byte[] rebuilt(int last) {
      byte[] head = isRgb() ? ADOBE_RGB : JFIF;
      var plain = new ByteArrayOutputStream(kept.size() + head.length + 4);
      plain.writeBytes(new byte[] {(byte) 0xff, (byte) START});
      plain.writeBytes(head);
      plain.writeBytes(kept.toByteArray());
      if (last == END) {
        plain.writeBytes(new byte[] {(byte) 0xff, (byte) END});
      }
      return plain.toByteArray();
    }

    /** As libjpeg decides, of files with three components. */
    private boolean isRgb() {
      if (components != 3 || jfif) {
        return false;
      }
      return adobeTransform.map(transform -> transform == 0).orElse(identifiers.equals("RGB"));
    }

    /** The next marker; fill bytes may stand before it. */
    private int marker() throws IOException {
      if (next() != 0xff) {
        throw new IOException("no marker where one is needed");
      }
      int marker = next();
      while (marker == 0xff) {
        marker = next();
      }
      return marker;
    }

    private void segment(int marker) throws IOException {
      int start = at;
      int length = next() << 8 | next();
      int end = start + length;
      if (length < 2 || end > file.length) {
        throw new EOFException("a segment reaches beyond the end of the file");
      }
      if (isFrame(marker)) {
        if (marker > PROGRESSIVE) {
          throw new IOException("its frame is lossless, hierarchical or arithmetic, which not every decoder knows");
        }
        frame(end);
      } else if (marker == APP0) {
        jfif |= startsWith("JFIF\0", end);
      } else if (marker == APP1 && startsWith(EXIF, end)) {
        orientation = Orientation.of(file, at + EXIF.length(), end);
      } else if (marker == APP14 && startsWith("Adobe", end) && end - at >= 12) {
        adobeTransform = Optional.of(file[at + 11] & 0xff);
      }
      if (!(marker >= APP0 && marker <= APP15 || marker == COMMENT)) {
        kept.write(0xff);
        kept.write(marker);
        kept.write(file, start, length);
      }
      at = end;
    }

    /** SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
    private static boolean isFrame(int marker) {
      return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private void frame(int end) throws IOException {
      if (components > 0) {
        throw new IOException("there is more than one frame");
      }
      if (end - at < 6 || end - at != 6 + 3 * (file[at + 5] & 0xff)) {
        throw new IOException("the frame's header has a wrong length");
      }
      height = (file[at + 1] & 0xff) << 8 | file[at + 2] & 0xff;
      width = (file[at + 3] & 0xff) << 8 | file[at + 4] & 0xff;
      components = file[at + 5] & 0xff;
      var names = new StringBuilder();
      for (int c = 0; c < components; c++) {
        names.append((char) (file[at + 6 + 3 * c] & 0xff));
      }
      identifiers = names.toString();
    }

    private boolean startsWith(String text, int end) {
      if (end - at < text.length()) {
        return false;
      }
      for (int i = 0; i < text.length(); i++) {
        if (file[at + i] != text.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    /** Up to the next marker that is neither a stuffed byte nor a restart. */
    private void copyEntropyCoded() {
      int start = at;
      while (at < file.length && !endsScan()) {
        at++;
      }
      kept.write(file, start, at - start);
    }

    private boolean endsScan() {
      if (file[at] != (byte) 0xff || at + 1 >= file.length) {
        return false;
      }
      int code = file[at + 1] & 0xff;
      return code != 0 && code != 0xff && !(code >= 0xd0 && code <= 0xd7);
    }

    private int next() throws IOException {
      if (at >= file.length) {
        throw new EOFException("the file ends between two segments");
      }
      return file[at++] & 0xff;
    }
  }
}
