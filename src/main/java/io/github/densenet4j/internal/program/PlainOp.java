package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Statistics;

/** An operation as frameworks have it: one layer, whole tensors in, whole tensors out. */
public sealed interface PlainOp extends Op {
  /** Images as bytes to images as the network reads them: normalised, flipped, shifted. */
  record InputNormalize(
      @Written BufferView y,
      BufferView x,
      BufferView placement,
      BufferView table,
      long batch,
      long size,
      long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      long values = batch * size * size * channels;
      return values + Cost.bytes(values + batch * Ports.PLACEMENT + channels * Ports.LEVELS);
    }
  }

  /** Copies x into y, which may be a slice of a wider tensor: one input of a concatenation. */
  record ConcatAppend(@Written ChannelSlice y, ChannelSlice x, long pixels, long channels) implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(2 * pixels * channels);
    }
  }

  /** Hands the gradient of a concatenation, or a slice of it, back to one of its inputs. */
  record ConcatSplit(
      @Accumulated ChannelSlice dx, ChannelSlice dy, long pixels, long channels, boolean accumulate)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes((accumulate ? 3 : 2) * pixels * channels);
    }
  }

  record BnFprop(
      @Written ChannelSlice y,
      @Written Statistics statistics,
      @Updated BufferView runningMean,
      @Updated BufferView runningVariance,
      ChannelSlice x,
      BufferView gamma,
      BufferView beta,
      double momentum,
      long pixels,
      long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(3 * pixels * channels);
    }
  }

  /** Batch normalisation with given statistics: running ones at inference, saved ones when a tensor is recomputed. */
  record BnInfer(
      @Written ChannelSlice y,
      ChannelSlice x,
      Statistics statistics,
      BufferView gamma,
      BufferView beta,
      long pixels,
      long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(2 * pixels * channels);
    }
  }

  record BnDgrad(
      @Written ChannelSlice dx,
      @Written BufferView dgamma,
      @Written BufferView dbeta,
      ChannelSlice dy,
      ChannelSlice x,
      Statistics statistics,
      BufferView gamma,
      long pixels,
      long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(5 * pixels * channels);
    }
  }

  /** y may be x. */
  record ReluFprop(@Written ChannelSlice y, ChannelSlice x, long pixels, long channels) implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(2 * pixels * channels);
    }
  }

  /** x is the input or the output of the ReLU, they are positive together; dx may be dy. */
  record ReluDgrad(@Written ChannelSlice dx, ChannelSlice dy, ChannelSlice x, long pixels, long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(3 * pixels * channels);
    }
  }

  /** y may be x. */
  record DropoutFprop(@Written ChannelSlice y, ChannelSlice x, Dropout dropout, long pixels, long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(2 * pixels * channels);
    }
  }

  /** dx may be dy. */
  record DropoutDgrad(@Written ChannelSlice dx, ChannelSlice dy, Dropout dropout, long pixels, long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(2 * pixels * channels);
    }
  }

  record ConvFprop(
      @Written ChannelSlice y,
      ChannelSlice x,
      BufferView weight,
      Extent extent,
      long inChannels,
      long outChannels,
      long kernel,
      long stride,
      long padding)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(ElementType.FLOAT32, extent.pixels(), convolved(), inChannels, outChannels, kernel * kernel);
    }

    @Override
    public long flops() {
      return Cost.flops(convolved(), inChannels, outChannels, kernel * kernel);
    }

    private long convolved() {
      return Cost.convolved(extent, kernel, stride, padding);
    }
  }

  /** For kernels of 1 or 3, stride 1 and padding kernel / 2: the stem's input needs no gradient. */
  record ConvDgrad(
      @Written ChannelSlice dx,
      ChannelSlice dy,
      BufferView weight,
      Extent extent,
      long inChannels,
      long outChannels,
      long kernel)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(ElementType.FLOAT32, extent.pixels(), extent.pixels(), inChannels, outChannels, kernel * kernel);
    }

    @Override
    public long flops() {
      return Cost.flops(extent.pixels(), inChannels, outChannels, kernel * kernel);
    }
  }

  record ConvWgrad(
      @Written BufferView dweight,
      ChannelSlice dy,
      ChannelSlice x,
      Extent extent,
      long inChannels,
      long outChannels,
      long kernel,
      long stride,
      long padding)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(ElementType.FLOAT32, extent.pixels(), convolved(), inChannels, outChannels, kernel * kernel);
    }

    @Override
    public long flops() {
      return Cost.flops(convolved(), inChannels, outChannels, kernel * kernel);
    }

    private long convolved() {
      return Cost.convolved(extent, kernel, stride, padding);
    }
  }

  /** Kernel 3, stride 2, padding 1. */
  record MaxpoolFprop(@Written ChannelSlice y, ChannelSlice x, Extent extent, long channels) implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes((extent.pixels() + Cost.convolved(extent, 3, 2, 1)) * channels);
    }
  }

  record MaxpoolDgrad(@Written ChannelSlice dx, ChannelSlice dy, ChannelSlice x, Extent extent, long channels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes((2 * extent.pixels() + Cost.convolved(extent, 3, 2, 1)) * channels);
    }
  }

  /** Square windows that do not overlap; what is left over at the right and at the bottom counts nowhere. */
  record AvgpoolFprop(@Written ChannelSlice y, ChannelSlice x, Extent extent, long channels, long window)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes((extent.pixels() + Cost.convolved(extent, window, window, 0)) * channels);
    }
  }

  record AvgpoolDgrad(@Written ChannelSlice dx, ChannelSlice dy, Extent extent, long channels, long window)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes((extent.pixels() + Cost.convolved(extent, window, window, 0)) * channels);
    }
  }

  record LinearFprop(
      @Written BufferView y,
      BufferView x,
      BufferView weight,
      BufferView bias,
      long batch,
      long inChannels,
      long outChannels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(ElementType.FLOAT32, batch, batch, inChannels, outChannels, 1);
    }

    @Override
    public long flops() {
      return Cost.flops(batch, inChannels, outChannels, 1);
    }
  }

  record LinearDgrad(
      @Written BufferView dx, BufferView dy, BufferView weight, long batch, long inChannels, long outChannels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(ElementType.FLOAT32, batch, batch, inChannels, outChannels, 1);
    }

    @Override
    public long flops() {
      return Cost.flops(batch, inChannels, outChannels, 1);
    }
  }

  record LinearWgrad(
      @Written BufferView dweight,
      @Written BufferView dbias,
      BufferView dy,
      BufferView x,
      long batch,
      long inChannels,
      long outChannels)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.fprop(ElementType.FLOAT32, batch, batch, inChannels, outChannels, 1);
    }

    @Override
    public long flops() {
      return Cost.flops(batch, inChannels, outChannels, 1);
    }
  }

  record SoftmaxXent(
      @Written BufferView loss,
      @Written BufferView correct,
      @Written BufferView dlogits,
      BufferView logits,
      BufferView labels,
      long batch,
      long classes)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(2 * batch * classes + batch);
    }
  }

  record SgdNesterov(
      @Updated BufferView parameters,
      @Updated BufferView velocity,
      BufferView gradients,
      BufferView control,
      double momentum,
      double weightDecay,
      long count)
      implements PlainOp {
    @Override
    public long trafficBytes() {
      return Cost.bytes(5 * count);
    }
  }
}
