package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;

/** What each operation becomes on the device: the op table of this backend. */
final class Launches {
  private final KernelLaunches kernels;
  private final ConvolutionLaunches convolutions;
  private final NormalizationLaunches normalization;
  private final PoolingLaunches pooling;
  private final LinearLaunches linear;

  /** @param batch images of a step */
  Launches(CudaRuntime runtime, Places places, long batch) {
    kernels = new KernelLaunches(runtime.kernels(), places);
    convolutions = new ConvolutionLaunches(runtime, places);
    normalization = new NormalizationLaunches(runtime, places, batch);
    pooling = new PoolingLaunches(runtime, places);
    linear = new LinearLaunches(runtime, places);
  }

  /** Scratch memory, bytes. */
  long workspaceBytes(Op op) {
    return switch (plain(op)) {
      case PlainOp.ConvFprop conv -> convolutions.workspaceBytes(conv);
      case PlainOp.ConvDgrad conv -> convolutions.workspaceBytes(conv);
      case PlainOp.ConvWgrad conv -> convolutions.workspaceBytes(conv);
      case PlainOp.BnFprop bn -> NormalizationLaunches.workspaceBytes(bn);
      case PlainOp.BnDgrad bn -> NormalizationLaunches.workspaceBytes(bn);
      case PlainOp.MaxpoolDgrad pool -> PoolingLaunches.workspaceBytes(pool);
      case PlainOp.LinearFprop _, PlainOp.LinearDgrad _, PlainOp.LinearWgrad _ -> LinearLaunches.workspaceBytes();
      default -> 0;
    };
  }

  /** @param scratch as many bytes as {@link #workspaceBytes} says */
  Launch of(Op op, Scratch scratch) {
    return switch (plain(op)) {
      case PlainOp.InputNormalize input -> kernels.of(input);
      case PlainOp.ConcatAppend concat -> kernels.of(concat);
      case PlainOp.ConcatSplit concat -> kernels.of(concat);
      case PlainOp.BnFprop bn -> normalization.of(bn, scratch);
      case PlainOp.BnInfer bn -> normalization.of(bn);
      case PlainOp.BnDgrad bn -> normalization.of(bn, scratch);
      case PlainOp.ReluFprop relu -> normalization.of(relu);
      case PlainOp.ReluDgrad relu -> normalization.of(relu);
      case PlainOp.DropoutFprop dropout -> kernels.of(dropout);
      case PlainOp.DropoutDgrad dropout -> kernels.of(dropout);
      case PlainOp.ConvFprop conv -> convolutions.of(conv, scratch);
      case PlainOp.ConvDgrad conv -> convolutions.of(conv, scratch);
      case PlainOp.ConvWgrad conv -> convolutions.of(conv, scratch);
      case PlainOp.MaxpoolFprop pool -> pooling.of(pool);
      case PlainOp.MaxpoolDgrad pool -> pooling.of(pool, scratch);
      case PlainOp.AvgpoolFprop pool -> pooling.of(pool);
      case PlainOp.AvgpoolDgrad pool -> pooling.of(pool);
      case PlainOp.LinearFprop product -> linear.of(product, scratch);
      case PlainOp.LinearDgrad product -> linear.of(product, scratch);
      case PlainOp.LinearWgrad product -> linear.of(product, scratch);
      case PlainOp.SoftmaxXent loss -> kernels.of(loss);
      case PlainOp.SgdNesterov update -> kernels.of(update);
    };
  }

  private static PlainOp plain(Op op) {
    return switch (op) {
      case PlainOp plain -> plain;
      case FusedOp fused ->
          throw new ConfigurationException(
              "strategy fused has no CUDA kernels in this version (" + fused.stem()
                  + "): use strategy shared or naive, or device cpu",
              "strategy", "device");
    };
  }
}
