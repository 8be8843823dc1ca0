package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
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
 * The convolutions with BN+ReLU before them. The transition's oracle convolves first and pools afterwards, the other
 * way round from the kernels.
 */
enum ConvolutionKind {
  CONV1X1(1, false, FusedOp.BnReluConv1x1Fprop::new, FusedOp.BnReluConv1x1Bprop::new),
  CONV3X3(3, false, FusedOp.BnReluConv3x3Fprop::new, FusedOp.BnReluConv3x3Bprop::new),
  TRANSITION(1, true, FusedOp.TransitionFprop::new, FusedOp.TransitionBprop::new);

  /** Of the transition's average pool. */
  private static final int WINDOW = 2;

  interface Fprop {
    Op of(
        ChannelSlice y, Statistics yStatistics, ChannelSlice x, Affine affine, BufferView weight, Dropout dropout,
        Extent extent, long inChannels, long outChannels);
  }

  interface Bprop {
    Op of(
        InputGradient dx, BufferView dweight, Output y, Input x, BufferView weight, Dropout dropout, Extent extent,
        long inChannels, long outChannels);
  }

  final boolean pooled;
  final Fprop fprop;
  final Bprop bprop;
  private final int kernel;

  ConvolutionKind(int kernel, boolean pooled, Fprop fprop, Bprop bprop) {
    this.kernel = kernel;
    this.pooled = pooled;
    this.fprop = fprop;
    this.bprop = bprop;
  }

  Convolution convolution(int batch, int height, int width, int in, int out) {
    return new Convolution(batch, height, width, in, out, kernel, 1, kernel / 2);
  }

  int outPixels(Convolution convolution) {
    return pooled ? pool(convolution).averagedPixels(WINDOW) : convolution.outPixels();
  }

  private static Pooling pool(Convolution convolution) {
    return new Pooling(convolution.batch(), convolution.height(), convolution.width(), convolution.out());
  }

  /** The convolution of activations, and the pool if this has one. */
  Real fprop(Convolution convolution, Real activation, double[] weight) {
    if (TiledConvolution.suits(convolution)) {
      return new TiledConvolution(convolution, WinogradTile.SMALL).fprop(activation, weight);
    }
    Real y = convolution.fprop(activation, weight);
    return pooled ? pool(convolution).average(y, WINDOW) : y;
  }

  Real dgrad(Convolution convolution, Real dy, double[] weight) {
    if (TiledConvolution.suits(convolution)) {
      return new TiledConvolution(convolution, WinogradTile.SMALL).dgrad(dy, weight);
    }
    return convolution.dgrad(pooled ? pool(convolution).averageGradient(dy, WINDOW) : dy, weight);
  }

  Real wgrad(Convolution convolution, Real activation, Real dy) {
    if (TiledConvolution.suits(convolution)) {
      return new TiledConvolution(convolution, WinogradTile.SMALL).wgradByInput(activation, dy);
    }
    return convolution.wgrad(activation, pooled ? pool(convolution).averageGradient(dy, WINDOW) : dy);
  }
}
