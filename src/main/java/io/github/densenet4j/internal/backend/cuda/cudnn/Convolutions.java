package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;
import java.lang.foreign.ValueLayout;

/** The convolutions of a handle, done as a plan says. Shapes of operands are those that the plan was made for. */
public final class Convolutions {
  private final Cudnn cudnn;

  Convolutions(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  /** y = conv(x, w). */
  public void forward(
      DeviceTensor y,
      DeviceTensor x,
      DeviceFilter w,
      ConvolutionDescriptor convolution,
      ConvolutionPlan<ForwardAlgorithm> plan,
      Workspace workspace) {
    run(ConvolutionDirection.FORWARD, Operand.of(x), Operand.of(w), convolution, plan, workspace, Operand.of(y));
  }

  /** dx: the gradient of x in y = conv(x, w). */
  public void backwardData(
      DeviceTensor dx,
      DeviceTensor dy,
      DeviceFilter w,
      ConvolutionDescriptor convolution,
      ConvolutionPlan<BackwardDataAlgorithm> plan,
      Workspace workspace) {
    run(
        ConvolutionDirection.BACKWARD_DATA, Operand.of(w), Operand.of(dy), convolution, plan, workspace,
        Operand.of(dx));
  }

  /** dw: the gradient of w in y = conv(x, w). */
  public void backwardFilter(
      DeviceFilter dw,
      DeviceTensor dy,
      DeviceTensor x,
      ConvolutionDescriptor convolution,
      ConvolutionPlan<BackwardFilterAlgorithm> plan,
      Workspace workspace) {
    run(
        ConvolutionDirection.BACKWARD_FILTER, Operand.of(x), Operand.of(dy), convolution, plan, workspace,
        Operand.of(dw));
  }

  private <A extends Enum<A> & NativeConstant> void run(
      ConvolutionDirection<A> direction,
      Operand a,
      Operand b,
      ConvolutionDescriptor convolution,
      ConvolutionPlan<A> plan,
      Workspace workspace,
      Operand result) {
    long description = convolution.address(plan.math());
    var run = direction.run().apply(cudnn.calls());
    cudnn.call(
        "cudnnConvolution" + direction.name(),
        () ->
            (int)
                run.invokeExact(
                    cudnn.handle(), cudnn.one(), a.description(), a.data(), b.description(), b.data(), description,
                    plan.algorithm().value(), workspace.data().address(), workspace.bytes(), cudnn.zero(),
                    result.description(), result.data()),
        a, b, convolution, result, plan);
  }

  /** db, which has only channels: dy summed up over images and pixels. */
  public void backwardBias(DeviceTensor db, DeviceTensor dy) {
    cudnn.call(
        "cudnnConvolutionBackwardBias",
        () ->
            (int)
                cudnn.calls().convolutionBackwardBias.invokeExact(
                    cudnn.handle(), cudnn.one(), dy.description(), dy.address(), cudnn.zero(), db.description(),
                    db.address()),
        dy, db);
  }

  /** Bytes that an algorithm needs. */
  public long forwardWorkspace(
      Descriptor<TensorShape> y,
      Descriptor<TensorShape> x,
      Descriptor<FilterShape> w,
      ConvolutionDescriptor convolution,
      ForwardAlgorithm algorithm,
      MathType math) {
    return workspace(
        ConvolutionDirection.FORWARD, Operand.of(x), Operand.of(w), convolution, Operand.of(y), algorithm, math);
  }

  /** Bytes that an algorithm needs. */
  public long backwardDataWorkspace(
      Descriptor<TensorShape> dx,
      Descriptor<TensorShape> dy,
      Descriptor<FilterShape> w,
      ConvolutionDescriptor convolution,
      BackwardDataAlgorithm algorithm,
      MathType math) {
    return workspace(
        ConvolutionDirection.BACKWARD_DATA, Operand.of(w), Operand.of(dy), convolution, Operand.of(dx), algorithm,
        math);
  }

  /** Bytes that an algorithm needs. */
  public long backwardFilterWorkspace(
      Descriptor<FilterShape> dw,
      Descriptor<TensorShape> dy,
      Descriptor<TensorShape> x,
      ConvolutionDescriptor convolution,
      BackwardFilterAlgorithm algorithm,
      MathType math) {
    return workspace(
        ConvolutionDirection.BACKWARD_FILTER, Operand.of(x), Operand.of(dy), convolution, Operand.of(dw), algorithm,
        math);
  }

  <A extends Enum<A> & NativeConstant> long workspace(
      ConvolutionDirection<A> direction,
      Operand a,
      Operand b,
      ConvolutionDescriptor convolution,
      Operand result,
      A algorithm,
      MathType math) {
    long description = convolution.address(math);
    var size = direction.workspaceSize().apply(cudnn.calls());
    cudnn.call(
        "cudnnGetConvolution" + direction.name() + "WorkspaceSize",
        () ->
            (int)
                size.invokeExact(
                    cudnn.handle(), a.description(), b.description(), description, result.description(),
                    algorithm.value(), cudnn.result()),
        a, b, convolution, result, algorithm);
    return cudnn.result().get(ValueLayout.JAVA_LONG, 0);
  }
}
