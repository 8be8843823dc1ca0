package io.github.densenet4j.internal.backend.cpu;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The tiles of Winograd's F(n x n, 3x3), by the absolute values of their three transforms along one dimension. A tap of
 * a filter and a pixel of a tile are coefficients of polynomials, whose product is known by its values at some points
 * and its highest coefficient; a patch is what the transpose of that multiplication takes.
 *
 * @param ofTile row by pixel of the tile, column by place
 * @param ofPatch row by place, column by pixel of the patch
 * @param ofFilter row by place, column by tap
 */
record WinogradTile(double[][] ofTile, double[][] ofPatch, double[][] ofFilter) {
  static final int TAPS = 3;

  /** Of 2x2 pixels, and of 4x4. */
  static final WinogradTile SMALL = of(0, 1, -1);

  static final WinogradTile LARGE = of(0, 0.625, -0.625, 1.5, -1.5);

  /** Pixels along a side. */
  int side() {
    return ofTile.length;
  }

  /** Pixels along a side of the patch, and places. */
  int patch() {
    return ofPatch.length;
  }

  private static WinogradTile of(double... points) {
    int places = points.length + 1;
    int side = places + 1 - TAPS;
    return new WinogradTile(
        absolute(side, pixel -> row(places, place -> power(points, place, pixel, side - 1))),
        absolute(places, place -> polynomial(points, place)),
        absolute(
            places, place -> row(TAPS, tap -> power(points, place, tap, TAPS - 1) / distances(points, place))));
  }

  /** What the coefficient of x^exponent counts for at a place: a point, or behind them the highest coefficient. */
  private static double power(double[] points, int place, int exponent, int highest) {
    if (place == points.length) {
      return exponent == highest ? 1 : 0;
    }
    return Math.pow(points[place], exponent);
  }

  /** The coefficients of the product of (x - q) over the other points. */
  private static double[] polynomial(double[] points, int place) {
    var coefficients = new double[points.length + 1];
    coefficients[0] = 1;
    for (int i = 0; i < points.length; i++) {
      if (i != place) {
        for (int k = points.length; k >= 0; k--) {
          coefficients[k] = (k > 0 ? coefficients[k - 1] : 0) - points[i] * coefficients[k];
        }
      }
    }
    return coefficients;
  }

  private static double distances(double[] points, int place) {
    double product = 1;
    for (int i = 0; i < points.length && place < points.length; i++) {
      product *= i == place ? 1 : points[place] - points[i];
    }
    return product;
  }

  private static double[] row(int columns, IntToDoubleFunction value) {
    return IntStream.range(0, columns).mapToDouble(value).toArray();
  }

  private static double[][] absolute(int rows, IntFunction<double[]> row) {
    return IntStream.range(0, rows)
        .mapToObj(i -> Arrays.stream(row.apply(i)).map(Math::abs).toArray())
        .toArray(double[][]::new);
  }
}
