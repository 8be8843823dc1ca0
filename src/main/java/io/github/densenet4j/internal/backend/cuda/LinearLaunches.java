package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cublas.Cublas;
import io.github.densenet4j.internal.backend.cuda.cublas.Matrix;
import io.github.densenet4j.internal.backend.cuda.cudnn.Convolutions;
import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceTensor;
import io.github.densenet4j.internal.backend.cuda.cudnn.Layers;
import io.github.densenet4j.internal.backend.cuda.cudnn.TensorShape;
import io.github.densenet4j.internal.backend.cuda.cudnn.Workspace;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.BufferView;

/** The classifier: products by cuBLAS, its bias by cuDNN. */
final class LinearLaunches {
  /** What cuBLAS would take for itself on devices before 9.0; captured work needs memory that lasts. */
  private static final long PRODUCT_BYTES = 4L << 20;

  private final Cublas cublas;
  private final Layers layers;
  private final Convolutions convolutions;
  private final Descriptors descriptors;
  private final Places places;

  LinearLaunches(NvidiaHandles libraries, Places places) {
    this.cublas = libraries.cublas();
    this.layers = libraries.cudnn().layers();
    this.convolutions = libraries.cudnn().convolutions();
    this.descriptors = libraries.descriptors();
    this.places = places;
  }

  static long workspaceBytes() {
    return Scratch.bytes(PRODUCT_BYTES);
  }

  Launch of(PlainOp.LinearFprop op, Scratch scratch) {
    var y = matrix(op.y(), op.batch(), op.outChannels());
    var x = matrix(op.x(), op.batch(), op.inChannels());
    var weight = matrix(op.weight(), op.outChannels(), op.inChannels()).transpose();
    var product = product(y, x, weight, scratch.take(PRODUCT_BYTES));
    var sums = rows(op.y(), op.batch(), op.outChannels());
    var bias = rows(op.bias(), 1, op.outChannels());
    return () -> {
      product.enqueue();
      layers.addTensor(sums, bias);
    };
  }

  Launch of(PlainOp.LinearDgrad op, Scratch scratch) {
    var dx = matrix(op.dx(), op.batch(), op.inChannels());
    var dy = matrix(op.dy(), op.batch(), op.outChannels());
    var weight = matrix(op.weight(), op.outChannels(), op.inChannels());
    return product(dx, dy, weight, scratch.take(PRODUCT_BYTES));
  }

  Launch of(PlainOp.LinearWgrad op, Scratch scratch) {
    var dweight = matrix(op.dweight(), op.outChannels(), op.inChannels());
    var dy = matrix(op.dy(), op.batch(), op.outChannels());
    var x = matrix(op.x(), op.batch(), op.inChannels());
    var product = product(dweight, dy.transpose(), x, scratch.take(PRODUCT_BYTES));
    var dbias = rows(op.dbias(), 1, op.outChannels());
    var gradients = rows(op.dy(), op.batch(), op.outChannels());
    return () -> {
      product.enqueue();
      convolutions.backwardBias(dbias, gradients);
    };
  }

  private Launch product(Matrix c, Matrix a, Matrix b, Workspace workspace) {
    return () -> {
      cublas.setWorkspace(workspace.data(), workspace.bytes());
      cublas.sgemm(c, a, b, false);
    };
  }

  private Matrix matrix(BufferView view, long rows, long columns) {
    return Matrix.of(places.of(view), rows, columns);
  }

  private DeviceTensor rows(BufferView view, long rows, long columns) {
    return new DeviceTensor(descriptors.tensor(TensorShape.nhwc(rows, 1, 1, columns)), places.of(view));
  }
}
