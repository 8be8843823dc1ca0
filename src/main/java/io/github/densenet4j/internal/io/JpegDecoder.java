package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What decodes JPEG files: libturbojpeg where the system has it, which is several times as fast, else the JDK. Two
 * decoders, or two versions of one, may differ in the last bit of a sample. The system property {@code densenet4j.jpeg}
 * chooses: {@code imageio}, {@code turbojpeg}, or a file of libturbojpeg.
 *
 * @param turbo if it is not the JDK's
 */
record JpegDecoder(Optional<TurboJpeg> turbo) {
  private static final String PROPERTY = "densenet4j.jpeg";
  private static final JpegDecoder IMAGE_IO = new JpegDecoder(Optional.empty());

  private static JpegDecoder chosen;

  /**
   * The one that all files are decoded by.
   *
   * @throws ConfigurationException if the system property asks for one that is not there
   */
  static synchronized JpegDecoder chosen() {
    if (chosen == null) {
      chosen = of(System.getProperty(PROPERTY, ""));
    }
    return chosen;
  }

  /** @param choice a value of the system property; empty: the best there is */
  static JpegDecoder of(String choice) {
    return switch (choice) {
      case "imageio" -> IMAGE_IO;
      case "" -> new JpegDecoder(TurboJpeg.ofSystem());
      case "turbojpeg" ->
          new JpegDecoder(
              Optional.of(
                  TurboJpeg.ofSystem()
                      .orElseThrow(
                          () ->
                              new ConfigurationException(
                                  "-D%s is turbojpeg, but this system has no %s: install it (Debian: libturbojpeg0), or"
                                      .formatted(PROPERTY, TurboJpeg.FILE_NAME)
                                      + " leave the option out"))));
      default -> ofFile(choice);
    };
  }

  private static JpegDecoder ofFile(String file) {
    if (!Files.isRegularFile(Path.of(file))) {
      throw new ConfigurationException(
          "-D%s is '%s', expected imageio, turbojpeg, or a file of libturbojpeg".formatted(PROPERTY, file));
    }
    return new JpegDecoder(Optional.of(TurboJpeg.load(Path.of(file))));
  }

  /** With its version, such as {@code turbojpeg 2.1.5} or {@code imageio 25}; data digests have it. */
  String name() {
    return turbo.map(TurboJpeg::name).orElse("imageio " + Runtime.version().feature());
  }
}
