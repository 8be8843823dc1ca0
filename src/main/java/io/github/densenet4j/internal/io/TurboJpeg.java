package io.github.densenet4j.internal.io;

import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The decoder of libjpeg-turbo, through the functions of the TurboJPEG API that versions 2 and 3 share. Safe for any
 * number of threads. It is given the file as {@link PlainJpeg} has checked it, and a buffer of exactly the size that
 * results; a file whose header says otherwise to it is refused before it decodes.
 */
final class TurboJpeg {
  /** What Debian, Fedora and their kin call the file. */
  static final String FILE_NAME = "libturbojpeg.so.0";

  private static final String TITLE = "libturbojpeg";

  private static final int PIXELS_RGB = 0;
  private static final int PIXELS_GREY = 6;

  /** The inverse transform that libjpeg takes if nothing is said. */
  private static final int ACCURATE_DCT = 4096;

  private static final int WARNING = 0;
  private static final Pattern VERSION = Pattern.compile("libjpeg-turbo version (\\d[\\w.]{0,20})");

  private final String name;
  private final MethodHandle open;
  private final MethodHandle readHeader;
  private final MethodHandle decompress;
  private final MethodHandle errorCode;
  private final MethodHandle errorText;
  private final MethodHandle close;

  private TurboJpeg(LoadedLibrary library) {
    open = library.bind("tjInitDecompress", NativeType.HOST);
    readHeader =
        library.bind(
            "tjDecompressHeader3", NativeType.INT, NativeType.HOST, NativeType.HOST, NativeType.SIZE, NativeType.HOST,
            NativeType.HOST, NativeType.HOST, NativeType.HOST);
    decompress =
        library.bind(
            "tjDecompress2", NativeType.INT, NativeType.HOST, NativeType.HOST, NativeType.SIZE, NativeType.HOST,
            NativeType.INT, NativeType.INT, NativeType.INT, NativeType.INT, NativeType.INT);
    errorCode = library.bind("tjGetErrorCode", NativeType.INT, NativeType.HOST);
    errorText = library.bind("tjGetErrorStr2", NativeType.HOST, NativeType.HOST);
    close = library.bind("tjDestroy", NativeType.INT, NativeType.HOST);
    name = "turbojpeg " + version();
  }

  /** That of this system, if it has one. */
  static Optional<TurboJpeg> ofSystem() {
    return LoadedLibrary.named(TITLE, FILE_NAME).map(TurboJpeg::new);
  }

  /** @throws io.github.densenet4j.error.DeviceException if this file is none, or too old */
  static TurboJpeg load(Path file) {
    return new TurboJpeg(LoadedLibrary.load(TITLE, file.toAbsolutePath()));
  }

  /** With its version, such as {@code turbojpeg 2.1.5}. */
  String name() {
    return name;
  }

  /** The API has no function for it, but the file states it among its messages. */
  private static String version() {
    try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
      var file = maps.filter(line -> line.contains("/libturbojpeg.so")).findFirst();
      if (file.isPresent()) {
        byte[] bytes = Files.readAllBytes(Path.of(file.get().substring(file.get().indexOf('/'))));
        var stated = VERSION.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        return stated.find() ? stated.group(1) : "of unknown version";
      }
      return "of unknown version";
    } catch (IOException unreadable) { // it was replaced by another since it was loaded
      return "of unknown version";
    }
  }

  /**
   * Decodes a file.
   *
   * @param jpeg of 1 or 3 components
   * @return the samples, (height, width, components), grey or RGB
   * @throws IOException if it is damaged, or not of these extents
   */
  byte[] decode(PlainJpeg jpeg) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var decoder = (MemorySegment) open.invokeExact();
      if (decoder.equals(MemorySegment.NULL)) {
        throw new OutOfMemoryError("libturbojpeg has no memory for a decoder");
      }
      try {
        return decode(decoder, jpeg, arena);
      } finally {
        int _ = (int) close.invokeExact(decoder);
      }
    } catch (IOException | RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw NativeCall.unexpected(failure);
    }
  }

  private byte[] decode(MemorySegment decoder, PlainJpeg jpeg, Arena arena) throws Throwable {
    var file = arena.allocateFrom(ValueLayout.JAVA_BYTE, jpeg.bytes());
    var found = arena.allocate(ValueLayout.JAVA_INT, 4); // width, height, subsampling, colour space
    requireDone(
        decoder,
        (int) readHeader.invokeExact(
            decoder, file, file.byteSize(), found, found.asSlice(4), found.asSlice(8), found.asSlice(12)));
    int width = found.getAtIndex(ValueLayout.JAVA_INT, 0);
    int height = found.getAtIndex(ValueLayout.JAVA_INT, 1);
    if (width != jpeg.width() || height != jpeg.height()) {
      throw new IOException("it is read as %d x %d pixels".formatted(width, height));
    }
    int pitch = Math.multiplyExact(width, jpeg.components());
    var samples = arena.allocate(Math.multiplyExact(pitch, height));
    requireDone(
        decoder,
        (int) decompress.invokeExact(
            decoder, file, file.byteSize(), samples, width, pitch, height, format(jpeg.components()), ACCURATE_DCT));
    return samples.toArray(ValueLayout.JAVA_BYTE);
  }

  private static int format(int components) {
    return switch (components) {
      case 1 -> PIXELS_GREY;
      case 3 -> PIXELS_RGB;
      default -> throw new IllegalArgumentException("a JPEG file of %d components".formatted(components));
    };
  }

  /** Lets warnings pass, as the decoder of the JDK does: what they speak of is decoded as well as it can be. */
  private void requireDone(MemorySegment decoder, int status) throws Throwable {
    if (status != 0 && (int) errorCode.invokeExact(decoder) != WARNING) {
      throw new IOException(LoadedLibrary.text((MemorySegment) errorText.invokeExact(decoder)));
    }
  }
}
