package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.backend.cuda.cudnn.ConvolutionDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.ConvolutionShape;
import io.github.densenet4j.backend.cuda.cudnn.FilterDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.FilterShape;
import io.github.densenet4j.backend.cuda.cudnn.TensorDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.TensorShape;
import io.github.densenet4j.program.PlainOp;
import io.github.densenet4j.tensor.ChannelSlice;
import io.github.densenet4j.tensor.Extent;

/**
 * What cuDNN wants to know of the operands of y = conv(x, filter), or of their gradients.
 *
 * @param places of the kernel: 1, 9 or 49
 */
record ConvolutionOperands(
    TensorDescriptor y,
    TensorDescriptor x,
    FilterDescriptor filter,
    ConvolutionDescriptor convolution,
    long inChannels,
    long outChannels,
    long places) {

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
    long height = (extent.height() + 2 * kernel.padding - kernel.size) / kernel.stride + 1;
    long width = (extent.width() + 2 * kernel.padding - kernel.size) / kernel.stride + 1;
    return new ConvolutionOperands(
        descriptors.tensor(TensorShape.nhwc(extent.batch(), height, width, kernel.out, y.pitch())),
        descriptors.tensor(TensorShape.nhwc(extent.batch(), extent.height(), extent.width(), kernel.in, x.pitch())),
        descriptors.filter(FilterShape.krsc(kernel.out, kernel.size, kernel.in)),
        descriptors.convolution(ConvolutionShape.of(kernel.padding, kernel.stride)),
        kernel.in, kernel.out, kernel.size * kernel.size);
  }

  /** Bytes of the filter as cuDNN wants it; 0 if ours is that already. */
  long turnedBytes() {
    return places == 1 || inChannels == 1 ? 0 : outChannels * inChannels * places * Float.BYTES;
  }
}
