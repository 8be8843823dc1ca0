package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import io.github.densenet4j.internal.tensor.Output;
import io.github.densenet4j.internal.tensor.Statistics;

/**
 * An operation that works on feature buffers: batch normalisation and ReLU are its prologue, batch statistics its
 * epilogue, and gradients are summed before their one correction.
 */
public sealed interface FusedOp extends Op {
  record StemConvFprop(
      @Written ChannelSlice y,
      @Written Statistics yStatistics,
      BufferView image,
      BufferView weight,
      Extent extent,
      long inChannels,
      long outChannels,
      long kernel,
      long stride,
      long padding)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(extent.pixels() * inChannels) + y.type().bytes() * convolved() * outChannels;
    }

    @Override
    public long flops() {
      return Cost.flops(convolved(), inChannels, outChannels, kernel * kernel);
    }

    private long convolved() {
      return Cost.convolved(extent, kernel, stride, padding);
    }
  }

  record StemConvWgrad(
      @Written BufferView dweight,
      Output y,
      BufferView image,
      Extent extent,
      long inChannels,
      long outChannels,
      long kernel,
      long stride,
      long padding)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(extent.pixels() * inChannels) + y.value().type().bytes() * convolved() * 2 * outChannels;
    }

    @Override
    public long flops() {
      return Cost.flops(convolved(), inChannels, outChannels, kernel * kernel);
    }

    private long convolved() {
      return Cost.convolved(extent, kernel, stride, padding);
    }
  }

  record BnReluMaxpoolFprop(
      @Written ChannelSlice y,
      @Written Statistics yStatistics,
      ChannelSlice x,
      Affine affine,
      Extent extent,
      long channels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return x.type().bytes() * (extent.pixels() + Cost.convolved(extent, 3, 2, 1)) * channels;
    }
  }

  record BnReluMaxpoolDgrad(@Written InputGradient dx, Output y, Input x, Extent extent, long channels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return x.value().type().bytes() * 2 * (extent.pixels() + Cost.convolved(extent, 3, 2, 1)) * channels;
    }
  }

  record BnFinalize(
      @Written Affine affine,
      @Updated BufferView runningMean,
      @Updated BufferView runningVariance,
      Statistics statistics,
      BufferView gamma,
      BufferView beta,
      double momentum,
      long pixels,
      long channels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(10 * channels);
    }
  }

  record BnFold(
      @Written Affine affine,
      BufferView runningMean,
      BufferView runningVariance,
      BufferView gamma,
      BufferView beta,
      long channels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(6 * channels);
    }
  }

  record BnReluConv1x1Fprop(
      @Written ChannelSlice y,
      @Written Statistics yStatistics,
      ChannelSlice x,
      Affine affine,
      BufferView weight,
      Dropout dropout,
      Extent extent,
      long inChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(x.type(), extent.pixels(), extent.pixels(), inChannels, outChannels, 1);
    }

    @Override
    public long flops() {
      return Cost.flops(extent.pixels(), inChannels, outChannels, 1);
    }
  }

  record BnReluConv1x1Bprop(
      @Written InputGradient dx,
      @Written BufferView dweight,
      Output y,
      Input x,
      BufferView weight,
      Dropout dropout,
      Extent extent,
      long inChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.dgrad(dx, extent.pixels(), extent.pixels(), inChannels, outChannels, 1)
          + Cost.bytes(inChannels * outChannels);
    }

    @Override
    public long flops() {
      return 2 * Cost.flops(extent.pixels(), inChannels, outChannels, 1);
    }
  }

  record BnReluConv3x3Fprop(
      @Written ChannelSlice y,
      @Written Statistics yStatistics,
      ChannelSlice x,
      Affine affine,
      BufferView weight,
      Dropout dropout,
      Extent extent,
      long inChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(x.type(), extent.pixels(), extent.pixels(), inChannels, outChannels, 9);
    }

    @Override
    public long flops() {
      return Cost.flops(extent.pixels(), inChannels, outChannels, 9);
    }
  }

  record BnReluConv3x3Bprop(
      @Written InputGradient dx,
      @Written BufferView dweight,
      Output y,
      Input x,
      BufferView weight,
      Dropout dropout,
      Extent extent,
      long inChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.dgrad(dx, extent.pixels(), extent.pixels(), inChannels, outChannels, 9)
          + Cost.bytes(9 * inChannels * outChannels);
    }

    @Override
    public long flops() {
      return 2 * Cost.flops(extent.pixels(), inChannels, outChannels, 9);
    }
  }

  /**
   * A layer with a bottleneck z that is in no tensor. Weights are (bottleneckChannels, inChannels) and (outChannels,
   * bottleneckChannels, 3, 3); {@code affine1} is of x, {@code affine2} of z.
   *
   * @param y (extent, outChannels)
   * @param x (extent, inChannels)
   */
  record BottleneckInfer(
      @Written ChannelSlice y,
      ChannelSlice x,
      Affine affine1,
      BufferView weight1,
      Affine affine2,
      BufferView weight2,
      Extent extent,
      long inChannels,
      long bottleneckChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return x.type().bytes() * extent.pixels() * (inChannels + outChannels)
          + Cost.bytes(bottleneckChannels * (inChannels + 9 * outChannels));
    }

    @Override
    public long flops() {
      return Cost.flops(extent.pixels(), inChannels, bottleneckChannels, 1)
          + Cost.flops(extent.pixels(), bottleneckChannels, outChannels, 9);
    }
  }

  record TransitionFprop(
      @Written ChannelSlice y,
      @Written Statistics yStatistics,
      ChannelSlice x,
      Affine affine,
      BufferView weight,
      Dropout dropout,
      Extent extent,
      long inChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(x.type(), extent.pixels(), Cost.pooled(extent), inChannels, outChannels, 1);
    }

    @Override
    public long flops() {
      return Cost.flops(Cost.pooled(extent), inChannels, outChannels, 1);
    }
  }

  record TransitionBprop(
      @Written InputGradient dx,
      @Written BufferView dweight,
      Output y,
      Input x,
      BufferView weight,
      Dropout dropout,
      Extent extent,
      long inChannels,
      long outChannels)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return Cost.dgrad(dx, extent.pixels(), Cost.pooled(extent), inChannels, outChannels, 1)
          + Cost.bytes(inChannels * outChannels);
    }

    @Override
    public long flops() {
      return 2 * Cost.flops(Cost.pooled(extent), inChannels, outChannels, 1);
    }
  }

  record HeadFprop(
      @Written BufferView logits,
      @Written BufferView pooled,
      ChannelSlice x,
      Affine affine,
      BufferView weight,
      BufferView bias,
      Extent extent,
      long channels,
      long classes)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return x.type().bytes() * extent.pixels() * channels
          + Cost.bytes(classes * channels + extent.batch() * (channels + classes));
    }

    @Override
    public long flops() {
      return Cost.flops(extent.batch(), channels, classes, 1);
    }
  }

  record HeadDgrad(
      @Written InputGradient dx,
      BufferView dlogits,
      Input x,
      BufferView weight,
      Extent extent,
      long channels,
      long classes)
      implements FusedOp {
    @Override
    public long trafficBytes() {
      return x.value().type().bytes() * 2 * extent.pixels() * channels
          + Cost.bytes(classes * channels + extent.batch() * classes);
    }

    @Override
    public long flops() {
      return Cost.flops(extent.batch(), channels, classes, 1);
    }
  }
}
