package io.github.densenet4j.internal.backend.cuda.cublas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of matrices of small whole numbers on the software device: exact, so compared without a tolerance. */
@Tag("cuda")
class CublasTest {
  private static final int ROWS = 3;
  private static final int INNER = 4;
  private static final int COLUMNS = 2;

  private SoftwareDevice device;
  private Cublas cublas;

  @BeforeEach
  void setUp() {
    device = new SoftwareDevice();
    cublas = CublasLibrary.load(SoftwareDevice.libraries(), 13).open(device.stream());
  }

  @AfterEach
  void tearDown() {
    if (cublas != null) {
      cublas.close();
      device.close();
    }
  }

  private static float a(int row, int column) {
    return row * 2 - column;
  }

  private static float b(int row, int column) {
    return row + 3 * column - 2;
  }

  private interface Element {
    float at(int row, int column);
  }

  /** In memory as its transpose if it is to be transposed, with a number that counts nowhere after each row. */
  private Matrix matrix(int rows, int columns, boolean transposed, Element element) {
    int inMemory = transposed ? columns : rows;
    int pitch = (transposed ? rows : columns) + 1;
    float[] values = new float[inMemory * pitch];
    for (int row = 0; row < inMemory; row++) {
      for (int column = 0; column < pitch - 1; column++) {
        values[row * pitch + column] = transposed ? element.at(column, row) : element.at(row, column);
      }
      values[row * pitch + pitch - 1] = Float.NaN;
    }
    return new Matrix(device.upload(values), rows, columns, pitch, transposed);
  }

  @ParameterizedTest
  @CsvSource({"false,false,false", "true,false,true", "false,true,false", "true,true,true"})
  void productIsThatOfPlainLoops(boolean transposeA, boolean transposeB, boolean accumulate) {
    var c = matrix(ROWS, COLUMNS, false, (row, column) -> 100);
    cublas.sgemm(
        c, matrix(ROWS, INNER, transposeA, CublasTest::a), matrix(INNER, COLUMNS, transposeB, CublasTest::b),
        accumulate);
    float[] values = device.download(c.data(), ROWS * c.pitch());
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        float sum = accumulate ? 100 : 0;
        for (int inner = 0; inner < INNER; inner++) {
          sum += a(row, inner) * b(inner, column);
        }
        assertThat(values[row * c.pitch() + column]).isEqualTo(sum);
      }
      assertThat(values[row * c.pitch() + COLUMNS]).isNaN();
    }
  }

  @Test
  void workspaceAndMathAreTaken() {
    cublas.setWorkspace(device.reserve(1024), 4096);
    for (MathMode math : MathMode.values()) {
      cublas.setMath(math);
    }
    var c = Matrix.of(device.reserve(1), 1, 1);
    cublas.sgemm(c, Matrix.of(device.upload(1, 2), 1, 2), Matrix.of(device.upload(3, 4), 1, 2).transpose(), false);
    assertThat(device.download(c.data(), 1)).containsExactly(11);
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    var matrix = Matrix.of(DevicePointer.NULL, 2, 3);
    assertThatThrownBy(() -> cublas.sgemm(matrix, matrix, matrix, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2x3 (pitch 3) = 2x3 (pitch 3) * 2x3 (pitch 3)");
    assertThatThrownBy(() -> new Matrix(DevicePointer.NULL, 2, 3, 2, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pitch of 2");
  }

  @Test
  void refusalNamesTheCallAndTheStatus() {
    assertThatThrownBy(() -> cublas.setWorkspace(new DevicePointer(3), 4096))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("refused cublasSetWorkspace_v2 of 4096 bytes", "CUBLAS_STATUS_INVALID_VALUE");
  }

  @Test
  void closedHandleIsAnError() {
    cublas.close();
    cublas.close();
    assertThatThrownBy(() -> cublas.setMath(MathMode.DEFAULT_MATH))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this cuBLAS handle is closed");
  }

  @Test
  void libraryTellsItsFileAndVersion() {
    assertThat(cublas.library().version()).matches("1[23]\\.\\d+\\.\\d+");
    assertThat(cublas.library().file()).hasFileName("libcublas.so.13");
  }
}
