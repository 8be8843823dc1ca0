package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceTensor;
import io.github.densenet4j.internal.backend.cuda.cudnn.Layers;
import io.github.densenet4j.internal.backend.cuda.cudnn.PoolingMode;
import io.github.densenet4j.internal.backend.cuda.cudnn.PoolingShape;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;

/** Pooling by cuDNN. */
final class PoolingLaunches {
  private static final PoolingShape MAX = PoolingShape.of(PoolingMode.MAX_DETERMINISTIC, 3, 1, 2);

  private final Layers layers;
  private final Descriptors descriptors;
  private final Places places;

  PoolingLaunches(NvidiaHandles libraries, Places places) {
    this.layers = libraries.cudnn().layers();
    this.descriptors = libraries.descriptors();
    this.places = places;
  }

  /** The maxima, which cuDNN asks for and the program does not keep. */
  static long workspaceBytes(PlainOp.MaxpoolDgrad op) {
    return Scratch.bytes(maximaBytes(op));
  }

  private static long maximaBytes(PlainOp.MaxpoolDgrad op) {
    return pooled(op.extent(), MAX).pixels() * op.channels() * Float.BYTES;
  }

  Launch of(PlainOp.MaxpoolFprop op) {
    var y = tensor(op.y(), pooled(op.extent(), MAX), op.channels());
    var x = tensor(op.x(), op.extent(), op.channels());
    var pooling = descriptors.pooling(MAX);
    return () -> layers.poolingForward(y, x, pooling);
  }

  Launch of(PlainOp.MaxpoolDgrad op, Scratch scratch) {
    var pooled = pooled(op.extent(), MAX);
    var dx = tensor(op.dx(), op.extent(), op.channels());
    var dy = tensor(op.dy(), pooled, op.channels());
    var x = tensor(op.x(), op.extent(), op.channels());
    var y = tensor(scratch.take(maximaBytes(op)).data(), op.channels(), pooled, op.channels());
    var pooling = descriptors.pooling(MAX);
    return () -> {
      layers.poolingForward(y, x, pooling);
      layers.poolingBackward(dx, dy, y, x, pooling);
    };
  }

  Launch of(PlainOp.AvgpoolFprop op) {
    var mean = mean(op.window());
    var y = tensor(op.y(), pooled(op.extent(), mean), op.channels());
    var x = tensor(op.x(), op.extent(), op.channels());
    var pooling = descriptors.pooling(mean);
    return () -> layers.poolingForward(y, x, pooling);
  }

  /** For means cuDNN asks for both sides of the forward pass but looks at their shapes only. */
  Launch of(PlainOp.AvgpoolDgrad op) {
    var mean = mean(op.window());
    var dx = tensor(op.dx(), op.extent(), op.channels());
    var dy = tensor(op.dy(), pooled(op.extent(), mean), op.channels());
    var pooling = descriptors.pooling(mean);
    return () -> layers.poolingBackward(dx, dy, dy, dx, pooling);
  }

  private static PoolingShape mean(long window) {
    return PoolingShape.of(PoolingMode.AVERAGE_COUNT_EXCLUDE_PADDING, window, 0, window);
  }

  private static Extent pooled(Extent extent, PoolingShape pooling) {
    return extent.windows(pooling.window(), pooling.stride(), pooling.padding());
  }

  private DeviceTensor tensor(ChannelSlice slice, Extent extent, long channels) {
    return tensor(places.of(slice.data()), slice.pitch(), extent, channels);
  }

  private DeviceTensor tensor(DevicePointer data, long pitch, Extent extent, long channels) {
    return new DeviceTensor(descriptors.tensor(pitch, extent, channels), data);
  }
}
