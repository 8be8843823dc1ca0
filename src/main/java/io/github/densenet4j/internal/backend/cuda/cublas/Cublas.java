package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A cuBLAS handle: work on one stream of one device, float32 unless told otherwise. Whoever opened it closes it, from
 * the thread in which the device's context is current; all calls come from that thread. Errors are {@link
 * io.github.densenet4j.error.DeviceException}s; using it after close is an {@link IllegalStateException}.
 */
public final class Cublas implements AutoCloseable {
  private final CublasLibrary library;
  private final CublasCalls calls;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
  private final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);
  private long handle;

  Cublas(CublasLibrary library, CublasCalls calls, long stream) {
    this.library = library;
    this.calls = calls;
    try {
      var result = arena.allocate(ValueLayout.JAVA_LONG);
      library.call("cublasCreate_v2", () -> (int) calls.create.invokeExact(result));
      handle = result.get(ValueLayout.JAVA_LONG, 0);
      library.call("cublasSetStream_v2", () -> (int) calls.setStream.invokeExact(handle, stream));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public CublasLibrary library() {
    return library;
  }

  /**
   * Device memory that cuBLAS uses from now on in place of its own, which it would allocate: a captured stream needs
   * it.
   *
   * @param workspace 256-byte aligned
   */
  public void setWorkspace(DevicePointer workspace, long bytes) {
    library.call(
        "cublasSetWorkspace_v2",
        () -> (int) calls.setWorkspace.invokeExact(handle(), workspace.address(), bytes),
        bytes + " bytes");
  }

  public void setMath(MathMode math) {
    library.call("cublasSetMathMode", () -> (int) calls.setMathMode.invokeExact(handle(), math.value()), math);
  }

  /**
   * c = a * b, or c += a * b.
   *
   * @param c not transposed
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void sgemm(Matrix c, Matrix a, Matrix b, boolean accumulate) {
    if (c.transposed() || a.rows() != c.rows() || b.columns() != c.columns() || a.columns() != b.rows()) {
      throw new IllegalArgumentException("these matrices cannot be multiplied: " + c + " = " + a + " * " + b);
    }
    MemorySegment beta = accumulate ? one : zero;
    // Rows in memory are cuBLAS's columns: it computes the transpose of c, which is that of b times that of a.
    library.call(
        "cublasSgemm_v2",
        () ->
            (int)
                calls.sgemm.invokeExact(
                    handle(), b.transposition().value(), a.transposition().value(), c.columns(), c.rows(),
                    a.columns(), one, b.data().address(), b.pitch(), a.data().address(), a.pitch(), beta,
                    c.data().address(), c.pitch()),
        c, a, b);
  }

  private long handle() {
    if (handle == 0) {
      throw new IllegalStateException("this cuBLAS handle is closed");
    }
    return handle;
  }

  @Override
  public void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    long open = handle;
    handle = 0;
    try {
      if (open != 0) {
        library.call("cublasDestroy_v2", () -> (int) calls.destroy.invokeExact(open));
      }
    } finally {
      arena.close();
    }
  }
}
