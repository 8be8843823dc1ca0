package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;

/**
 * A float32 matrix in device memory, or the transpose of one.
 *
 * @param rows of the matrix as it is multiplied, like {@code columns}
 * @param pitch elements from one row in memory to the next
 * @param transposed whether the rows in memory are the columns of this matrix
 */
public record Matrix(DevicePointer data, int rows, int columns, int pitch, boolean transposed) {
  public Matrix {
    if (rows < 1 || columns < 1 || pitch < (transposed ? rows : columns)) {
      throw new IllegalArgumentException(
          "a matrix of " + rows + "x" + columns + (transposed ? ", transposed," : "") + " cannot have a pitch of "
              + pitch);
    }
  }

  /** A packed matrix, row after row. */
  public static Matrix of(DevicePointer data, long rows, long columns) {
    return new Matrix(data, Math.toIntExact(rows), Math.toIntExact(columns), Math.toIntExact(columns), false);
  }

  /** The same memory, rows and columns exchanged. */
  public Matrix transpose() {
    return new Matrix(data, columns, rows, pitch, !transposed);
  }

  /** How cuBLAS sees it, for which consecutive numbers are a column: transposed when it is not. */
  Transposition transposition() {
    return transposed ? Transposition.OP_T : Transposition.OP_N;
  }

  @Override
  public String toString() {
    return rows + "x" + columns + (transposed ? " transposed" : "") + " (pitch " + pitch + ")";
  }
}
