package io.github.densenet4j.internal.picture;

import io.github.densenet4j.internal.io.DecodedImage;

/** Resizes a part of an image, first rows, then columns, a few rows in memory at a time. */
public final class Resampling {
  private final DecodedImage image;
  private final Box source;
  private final Axis columns;
  private final float[] line; // a row of the source
  private final float[][] rows; // resized rows, that of source row r at r modulo their number
  private int made; // source rows

  private Resampling(DecodedImage image, Box source, Axis rows, Axis columns) {
    this.image = image;
    this.source = source;
    this.columns = columns;
    line = new float[source.width() * image.channels()];
    this.rows = new float[rows.reach()][columns.count() * image.channels()];
  }

  /**
   * Cuts {@code source} out, makes it {@code height} x {@code width}, and takes {@code part} of that; what lies beyond
   * is black.
   *
   * @param source within the image
   */
  public static Picture of(DecodedImage image, Box source, Kernel kernel, int height, int width, Box part) {
    var rows = Axis.of(kernel, source.height(), height, part.top(), part.height());
    var columns = Axis.of(kernel, source.width(), width, part.left(), part.width());
    return new Resampling(image, source, rows, columns).picture(rows);
  }

  private Picture picture(Axis vertical) {
    int row = columns.count() * image.channels();
    var values = new float[vertical.count() * row];
    for (int y = 0; y < vertical.count(); y++) {
      float[] weights = vertical.weights()[y];
      for (int i = 0; i < weights.length; i++) {
        float[] from = row(vertical.first()[y] + i, vertical.first()[y]);
        for (int x = 0; x < row; x++) {
          values[y * row + x] += weights[i] * from[x];
        }
      }
    }
    var picture = new Picture(vertical.count(), columns.count(), image.channels(), !image.isDeep(), values);
    picture.settle(values);
    return picture;
  }

  /** A row of the source, resized; none before {@code least} is asked for again. */
  private float[] row(int wanted, int least) {
    made = Math.max(made, least);
    for (; made <= wanted; made++) {
      image.samples().copy(
          ((source.top() + made) * image.width() + source.left()) * image.channels(), line, 0, line.length);
      resize(rows[made % rows.length]);
    }
    return rows[wanted % rows.length];
  }

  private void resize(float[] into) {
    int channels = image.channels();
    for (int x = 0; x < columns.count(); x++) {
      float[] weights = columns.weights()[x];
      for (int c = 0; c < channels; c++) {
        int from = columns.first()[x] * channels + c;
        float sum = 0;
        for (float weight : weights) {
          sum += weight * line[from];
          from += channels;
        }
        into[x * channels + c] = sum;
      }
    }
    if (!image.isDeep()) {
      Picture.round(into);
      Picture.clamp(into);
    }
  }
}
