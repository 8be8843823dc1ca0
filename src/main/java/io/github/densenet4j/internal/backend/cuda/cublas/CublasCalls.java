package io.github.densenet4j.internal.backend.cuda.cublas;

import static io.github.densenet4j.internal.backend.library.NativeType.HOST;
import static io.github.densenet4j.internal.backend.library.NativeType.INT;
import static io.github.densenet4j.internal.backend.library.NativeType.OPAQUE;
import static io.github.densenet4j.internal.backend.library.NativeType.SIZE;

import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** The functions of one loaded cuBLAS, with the parameters of cublas_v2.h. */
final class CublasCalls {
  private final NativeFunctions cublas;

  // property, its value
  final MethodHandle getProperty = cublas.bind("cublasGetProperty", INT, INT, HOST);
  final MethodHandle getStatusName = cublas.bind("cublasGetStatusName", HOST, INT);
  final MethodHandle getStatusString = cublas.bind("cublasGetStatusString", HOST, INT);
  final MethodHandle create = cublas.bind("cublasCreate_v2", INT, HOST);
  final MethodHandle destroy = cublas.bind("cublasDestroy_v2", INT, OPAQUE);
  final MethodHandle setStream = cublas.bind("cublasSetStream_v2", INT, OPAQUE, OPAQUE);
  final MethodHandle setWorkspace = cublas.bind("cublasSetWorkspace_v2", INT, OPAQUE, OPAQUE, SIZE);
  final MethodHandle setMathMode = cublas.bind("cublasSetMathMode", INT, OPAQUE, INT);
  // handle, transposition of a and b, m, n, k, alpha, a, its pitch, b, its pitch, beta, c, its pitch
  final MethodHandle sgemm =
      cublas.bind("cublasSgemm_v2", INT, OPAQUE, INT, INT, INT, INT, INT, HOST, OPAQUE, INT, OPAQUE, INT, HOST, OPAQUE,
          INT);

  CublasCalls(NativeFunctions cublas) {
    this.cublas = cublas; // before the handles above are bound
    super();
  }
}
