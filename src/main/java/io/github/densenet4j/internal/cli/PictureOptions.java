package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.data.Preprocessing.Interpolation;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** How image files become images of a network. */
final class PictureOptions {
  @Option(
      names = "--size",
      paramLabel = "N",
      description = "of image files: side of the square that the network sees, in pixels (default: the "
          + "model's: 32, with the ImageNet stem 224)")
  private Integer size;

  @Option(
      names = "--resize",
      paramLabel = "N",
      description = "of image files: what the short side is resized to before the square is cut out of the middle "
          + "(default: 8/7 of --size)")
  private Integer resize;

  @Option(
      names = "--interpolation",
      paramLabel = "NAME",
      description = "of image files: bilinear (default) or bicubic, both antialiased")
  private Interpolation interpolation;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "of image files: 3 (default, RGB) or 1 (grey); files of the other sort are converted")
  private Integer channels;

  @Option(names = "--ignore-orientation", description = "of image files: do not turn them as EXIF says")
  private boolean ignoreOrientation;

  boolean isGiven() {
    return ignoreOrientation
        || Stream.of(size, resize, interpolation, channels).anyMatch(option -> option != null);
  }

  /** Likewise, but the whole short side is seen if nothing is said about it. */
  Preprocessing whole(Preprocessing base) {
    var made = preprocessing(base);
    return resize == null ? made.withResize(made.size()) : made;
  }

  /**
   * With what is given in the place of what is there.
   *
   * @param base what is there
   */
  Preprocessing preprocessing(Preprocessing base) {
    int side = size == null ? base.size() : size;
    int shortSide = resize != null ? resize : size == null ? base.resize() : Preprocessing.of(side).resize();
    return new Preprocessing(
        side,
        shortSide,
        interpolation == null ? base.interpolation() : interpolation,
        channels == null ? base.channels() : channels,
        base.upright() && !ignoreOrientation,
        base.variation());
  }
}
