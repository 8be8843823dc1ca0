package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;

/** What each operation becomes on the device: the op table of this backend. */
final class Launches {
  private final CudaRuntime runtime; // null where nothing but kernels of our own is launched
  private final Places places;
  private final long batch;
  private final KernelLaunches kernels;
  private final FusedLaunches fused;
  private LibraryLaunches libraries;

  /** Those of NVIDIA's libraries. */
  private record LibraryLaunches(
      ConvolutionLaunches convolutions,
      NormalizationLaunches normalization,
      PoolingLaunches pooling,
      LinearLaunches linear) {}

  /**
   * @param batch images of a step
   * @param fused what operations on feature buffers become; null if the program has none, or only sizes are asked for
   */
  Launches(CudaRuntime runtime, Places places, long batch, FusedLaunches fused) {
    this(runtime, runtime.kernels(), places, batch, fused);
  }

  private Launches(CudaRuntime runtime, Kernels kernels, Places places, long batch, FusedLaunches fused) {
    this.runtime = runtime;
    this.places = places;
    this.batch = batch;
    this.fused = fused;
    this.kernels = new KernelLaunches(kernels, places);
  }

  /** Of a program on feature buffers, which needs no libraries. */
  static Launches ofOwnKernels(Kernels kernels, Places places, FusedLaunches fused) {
    return new Launches(null, kernels, places, 0, fused);
  }

  /** Made for the first operation that needs them, for others do without the libraries. */
  private LibraryLaunches libraries() {
    if (libraries == null) {
      var handles = runtime.libraries();
      libraries =
          new LibraryLaunches(
              new ConvolutionLaunches(handles, runtime.kernels(), places, () -> !runtime.context().lost()),
              new NormalizationLaunches(handles, runtime.kernels(), places, batch),
              new PoolingLaunches(handles, places),
              new LinearLaunches(handles, places));
    }
    return libraries;
  }

  /** Scratch memory, bytes. */
  long workspaceBytes(Op op) {
    return switch (op) {
      case PlainOp.ConvFprop conv -> libraries().convolutions.workspaceBytes(conv);
      case PlainOp.ConvDgrad conv -> libraries().convolutions.workspaceBytes(conv);
      case PlainOp.ConvWgrad conv -> libraries().convolutions.workspaceBytes(conv);
      case PlainOp.BnFprop bn -> NormalizationLaunches.workspaceBytes(bn);
      case PlainOp.BnDgrad bn -> NormalizationLaunches.workspaceBytes(bn);
      case PlainOp.MaxpoolDgrad pool -> PoolingLaunches.workspaceBytes(pool);
      case PlainOp.LinearFprop _, PlainOp.LinearDgrad _, PlainOp.LinearWgrad _ -> LinearLaunches.workspaceBytes();
      default -> 0;
    };
  }

  /** @param scratch as many bytes as {@link #workspaceBytes} says */
  Launch of(Op op, Scratch scratch) {
    return switch (op) {
      case FusedOp onBuffers -> fused.of(onBuffers);
      case PlainOp.LinearWgrad product when fused != null -> fused.of(product);
      case PlainOp.SgdNesterov update when fused != null -> fused.around(update, kernels.of(update));
      case PlainOp plain -> plain(plain, scratch);
    };
  }

  private Launch plain(PlainOp op, Scratch scratch) {
    return switch (op) {
      case PlainOp.InputNormalize input -> kernels.of(input);
      case PlainOp.ConcatAppend concat -> kernels.of(concat);
      case PlainOp.ConcatSplit concat -> kernels.of(concat);
      case PlainOp.BnFprop bn -> libraries().normalization.of(bn, scratch);
      case PlainOp.BnInfer bn -> libraries().normalization.of(bn);
      case PlainOp.BnDgrad bn -> libraries().normalization.of(bn, scratch);
      case PlainOp.ReluFprop relu -> libraries().normalization.of(relu);
      case PlainOp.ReluDgrad relu -> libraries().normalization.of(relu);
      case PlainOp.DropoutFprop dropout -> kernels.of(dropout);
      case PlainOp.DropoutDgrad dropout -> kernels.of(dropout);
      case PlainOp.ConvFprop conv -> libraries().convolutions.of(conv, scratch);
      case PlainOp.ConvDgrad conv -> libraries().convolutions.of(conv, scratch);
      case PlainOp.ConvWgrad conv -> libraries().convolutions.of(conv, scratch);
      case PlainOp.MaxpoolFprop pool -> libraries().pooling.of(pool);
      case PlainOp.MaxpoolDgrad pool -> libraries().pooling.of(pool, scratch);
      case PlainOp.AvgpoolFprop pool -> libraries().pooling.of(pool);
      case PlainOp.AvgpoolDgrad pool -> libraries().pooling.of(pool);
      case PlainOp.LinearFprop product -> libraries().linear.of(product, scratch);
      case PlainOp.LinearDgrad product -> libraries().linear.of(product, scratch);
      case PlainOp.LinearWgrad product -> libraries().linear.of(product, scratch);
      case PlainOp.SoftmaxXent loss -> kernels.of(loss);
      case PlainOp.SgdNesterov update -> kernels.of(update);
    };
  }
}
