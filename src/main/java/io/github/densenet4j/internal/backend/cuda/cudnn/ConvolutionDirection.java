package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.Function;

/**
 * One of the three convolutions. Their functions are alike: two operands, the convolution, a result.
 *
 * @param name as in the functions' names
 */
record ConvolutionDirection<A extends Enum<A> & NativeConstant>(
    String name,
    Class<A> algorithms,
    Function<CudnnCalls, MethodHandle> heuristics,
    Function<CudnnCalls, MethodHandle> measurement,
    Function<CudnnCalls, MethodHandle> workspaceSize,
    Function<CudnnCalls, MethodHandle> run) {

  /** x, w -> y. */
  static final ConvolutionDirection<ForwardAlgorithm> FORWARD =
      new ConvolutionDirection<>(
          "Forward", ForwardAlgorithm.class, c -> c.getForwardAlgorithm, c -> c.findForwardAlgorithm,
          c -> c.getForwardWorkspaceSize, c -> c.convolutionForward);

  /** w, dy -> dx. */
  static final ConvolutionDirection<BackwardDataAlgorithm> BACKWARD_DATA =
      new ConvolutionDirection<>(
          "BackwardData", BackwardDataAlgorithm.class, c -> c.getBackwardDataAlgorithm,
          c -> c.findBackwardDataAlgorithm, c -> c.getBackwardDataWorkspaceSize, c -> c.convolutionBackwardData);

  /** x, dy -> dw. */
  static final ConvolutionDirection<BackwardFilterAlgorithm> BACKWARD_FILTER =
      new ConvolutionDirection<>(
          "BackwardFilter", BackwardFilterAlgorithm.class, c -> c.getBackwardFilterAlgorithm,
          c -> c.findBackwardFilterAlgorithm, c -> c.getBackwardFilterWorkspaceSize,
          c -> c.convolutionBackwardFilter);

  /** A choice that was made for this direction. */
  @SuppressWarnings("unchecked")
  ConvolutionChoice<A> cast(ConvolutionChoice<?> choice) {
    algorithms.cast(choice.plan().algorithm());
    return (ConvolutionChoice<A>) choice;
  }

  /** The algorithm of a candidate, if this program knows it. */
  Optional<A> algorithm(AlgorithmPerformance candidate) {
    return NativeConstant.of(algorithms, candidate.algorithm());
  }
}
