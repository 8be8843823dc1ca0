package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionDescriptor;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionShape;
import io.github.densenet4j.internal.backend.cuda.cudnn.Descriptor;
import io.github.densenet4j.internal.backend.cuda.cudnn.FilterShape;
import io.github.densenet4j.internal.backend.cuda.cudnn.TensorShape;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;

/**
 * What cuDNN wants to know of the operands of y = conv(x, filter), or of their gradients.
 *
 * @param taps of the kernel: 1, 9 or 49
 */
record ConvolutionOperands(
    Descriptor<TensorShape> y,
    Descriptor<TensorShape> x,
    Descriptor<FilterShape> filter,
    ConvolutionDescriptor convolution,
    long inChannels,
    long outChannels,
    long taps) {

  private record Kernel(long in, long out, long size, long stride, long padding) {}

  static ConvolutionOperands of(Descriptors descriptors, PlainOp.ConvFprop op) {
    var kernel = new Kernel(op.inChannels(), op.outChannels(), op.kernel(), op.stride(), op.padding());
    return of(descriptors, op.y(), op.x(), op.extent(), kernel);
  }

  static ConvolutionOperands of(Descriptors descriptors, PlainOp.ConvDgrad op) {
    var kernel = new Kernel(op.inChannels(), op.outChannels(), op.kernel(), 1, op.kernel() / 2);
    return of(descriptors, op.dy(), op.dx(), op.extent(), kernel);
  }

  static ConvolutionOperands of(Descriptors descriptors, PlainOp.ConvWgrad op) {
    var kernel = new Kernel(op.inChannels(), op.outChannels(), op.kernel(), op.stride(), op.padding());
    return of(descriptors, op.dy(), op.x(), op.extent(), kernel);
  }

  private static ConvolutionOperands of(
      Descriptors descriptors, ChannelSlice y, ChannelSlice x, Extent extent, Kernel kernel) {
    var windows = extent.windows(kernel.size, kernel.stride, kernel.padding);
    return new ConvolutionOperands(
        descriptors.tensor(y.pitch(), windows, kernel.out),
        descriptors.tensor(x.pitch(), extent, kernel.in),
        descriptors.filter(FilterShape.krsc(kernel.out, kernel.size, kernel.in)),
        descriptors.convolution(ConvolutionShape.of(kernel.padding, kernel.stride)),
        kernel.in, kernel.out, kernel.size * kernel.size);
  }

  /** Bytes of the filter as cuDNN wants it; 0 if ours is that already. */
  long turnedBytes() {
    return taps == 1 || inChannels == 1 ? 0 : outChannels * inChannels * taps * Float.BYTES;
  }
}
