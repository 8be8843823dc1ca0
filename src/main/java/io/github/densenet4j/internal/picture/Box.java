package io.github.densenet4j.internal.picture;

/**
 * A part of an image, in pixels from its upper left corner; it may reach beyond the image.
 *
 * @param top the first row
 * @param left the first column
 */
public record Box(int top, int left, int height, int width) {
  /** All of an image. */
  public static Box all(int height, int width) {
    return new Box(0, 0, height, width);
  }
}
