package io.github.densenet4j.internal.backend.cuda.cudnn;

import static io.github.densenet4j.internal.backend.library.NativeType.DOUBLE;
import static io.github.densenet4j.internal.backend.library.NativeType.HOST;
import static io.github.densenet4j.internal.backend.library.NativeType.INT;
import static io.github.densenet4j.internal.backend.library.NativeType.OPAQUE;
import static io.github.densenet4j.internal.backend.library.NativeType.SIZE;
import static io.github.densenet4j.internal.backend.library.NativeType.VOID;

import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** The functions of one loaded cuDNN, in the order and with the parameters of cudnn.h. */
final class CudnnCalls {
  private final NativeFunctions cudnn;

  final MethodHandle getVersion = cudnn.bind("cudnnGetVersion", SIZE);
  final MethodHandle getCudartVersion = cudnn.bind("cudnnGetCudartVersion", SIZE);
  final MethodHandle getErrorString = cudnn.bind("cudnnGetErrorString", HOST, INT);
  final MethodHandle getLastErrorString = cudnn.bind("cudnnGetLastErrorString", VOID, HOST, SIZE);
  final MethodHandle create = cudnn.bind("cudnnCreate", INT, HOST);
  final MethodHandle destroy = cudnn.bind("cudnnDestroy", INT, OPAQUE);
  final MethodHandle setStream = cudnn.bind("cudnnSetStream", INT, OPAQUE, OPAQUE);

  final MethodHandle createTensorDescriptor = cudnn.bind("cudnnCreateTensorDescriptor", INT, HOST);
  // descriptor, type, n, c, h, w, strides of n, c, h, w
  final MethodHandle setTensor4dDescriptorEx =
      cudnn.bind("cudnnSetTensor4dDescriptorEx", INT, OPAQUE, INT, INT, INT, INT, INT, INT, INT, INT, INT);
  final MethodHandle destroyTensorDescriptor = cudnn.bind("cudnnDestroyTensorDescriptor", INT, OPAQUE);
  final MethodHandle createFilterDescriptor = cudnn.bind("cudnnCreateFilterDescriptor", INT, HOST);
  // descriptor, type, format, k, c, r, s
  final MethodHandle setFilter4dDescriptor =
      cudnn.bind("cudnnSetFilter4dDescriptor", INT, OPAQUE, INT, INT, INT, INT, INT, INT);
  final MethodHandle destroyFilterDescriptor = cudnn.bind("cudnnDestroyFilterDescriptor", INT, OPAQUE);
  final MethodHandle createConvolutionDescriptor = cudnn.bind("cudnnCreateConvolutionDescriptor", INT, HOST);
  // descriptor, padding, stride and dilation (height, width each), mode, type computed with
  final MethodHandle setConvolution2dDescriptor =
      cudnn.bind("cudnnSetConvolution2dDescriptor", INT, OPAQUE, INT, INT, INT, INT, INT, INT, INT, INT);
  final MethodHandle setConvolutionMathType = cudnn.bind("cudnnSetConvolutionMathType", INT, OPAQUE, INT);
  final MethodHandle destroyConvolutionDescriptor = cudnn.bind("cudnnDestroyConvolutionDescriptor", INT, OPAQUE);
  final MethodHandle createPoolingDescriptor = cudnn.bind("cudnnCreatePoolingDescriptor", INT, HOST);
  // descriptor, mode, NaN, window, padding and stride (height, width each)
  final MethodHandle setPooling2dDescriptor =
      cudnn.bind("cudnnSetPooling2dDescriptor", INT, OPAQUE, INT, INT, INT, INT, INT, INT, INT, INT);
  final MethodHandle destroyPoolingDescriptor = cudnn.bind("cudnnDestroyPoolingDescriptor", INT, OPAQUE);
  final MethodHandle createActivationDescriptor = cudnn.bind("cudnnCreateActivationDescriptor", INT, HOST);
  final MethodHandle setActivationDescriptor =
      cudnn.bind("cudnnSetActivationDescriptor", INT, OPAQUE, INT, INT, DOUBLE);
  final MethodHandle destroyActivationDescriptor = cudnn.bind("cudnnDestroyActivationDescriptor", INT, OPAQUE);

  // Of each direction: handle, first operand, second operand, convolution, result, ...
  final MethodHandle getForwardAlgorithm = get("cudnnGetConvolutionForwardAlgorithm_v7");
  final MethodHandle findForwardAlgorithm = find("cudnnFindConvolutionForwardAlgorithmEx");
  final MethodHandle getForwardWorkspaceSize = workspace("cudnnGetConvolutionForwardWorkspaceSize");
  final MethodHandle convolutionForward = convolution("cudnnConvolutionForward");
  final MethodHandle getBackwardDataAlgorithm = get("cudnnGetConvolutionBackwardDataAlgorithm_v7");
  final MethodHandle findBackwardDataAlgorithm = find("cudnnFindConvolutionBackwardDataAlgorithmEx");
  final MethodHandle getBackwardDataWorkspaceSize = workspace("cudnnGetConvolutionBackwardDataWorkspaceSize");
  final MethodHandle convolutionBackwardData = convolution("cudnnConvolutionBackwardData");
  final MethodHandle getBackwardFilterAlgorithm = get("cudnnGetConvolutionBackwardFilterAlgorithm_v7");
  final MethodHandle findBackwardFilterAlgorithm = find("cudnnFindConvolutionBackwardFilterAlgorithmEx");
  final MethodHandle getBackwardFilterWorkspaceSize = workspace("cudnnGetConvolutionBackwardFilterWorkspaceSize");
  final MethodHandle convolutionBackwardFilter = convolution("cudnnConvolutionBackwardFilter");
  // handle, 1, dy, 0, db
  final MethodHandle convolutionBackwardBias =
      cudnn.bind("cudnnConvolutionBackwardBias", INT, OPAQUE, HOST, OPAQUE, OPAQUE, HOST, OPAQUE, OPAQUE);

  // handle, mode, 1, 0, x, y, descriptor of what a channel has, gamma, beta, factor, running mean and variance,
  // epsilon, saved mean and inverse deviation
  final MethodHandle batchNormForwardTraining =
      cudnn.bind("cudnnBatchNormalizationForwardTraining", INT, OPAQUE, INT, HOST, HOST, OPAQUE, OPAQUE, OPAQUE, OPAQUE,
          OPAQUE, OPAQUE, OPAQUE, DOUBLE, OPAQUE, OPAQUE, DOUBLE, OPAQUE, OPAQUE);
  // handle, mode, 1, 0, x, y, descriptor of what a channel has, gamma, beta, mean, variance, epsilon
  final MethodHandle batchNormForwardInference =
      cudnn.bind("cudnnBatchNormalizationForwardInference", INT, OPAQUE, INT, HOST, HOST, OPAQUE, OPAQUE, OPAQUE,
          OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, DOUBLE);
  // handle, mode, 1, 0, 1, 0, x, dy, dx, descriptor of what a channel has, gamma, dgamma, dbeta, epsilon, saved
  // mean and inverse deviation
  final MethodHandle batchNormBackward =
      cudnn.bind("cudnnBatchNormalizationBackward", INT, OPAQUE, INT, HOST, HOST, HOST, HOST, OPAQUE, OPAQUE, OPAQUE,
          OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, DOUBLE, OPAQUE, OPAQUE);
  final MethodHandle poolingForward = forward("cudnnPoolingForward");
  final MethodHandle poolingBackward = backward("cudnnPoolingBackward");
  final MethodHandle activationForward = forward("cudnnActivationForward");
  final MethodHandle activationBackward = backward("cudnnActivationBackward");
  // handle, algorithm, mode, 1, x, 0, y
  final MethodHandle softmaxForward =
      cudnn.bind("cudnnSoftmaxForward", INT, OPAQUE, INT, INT, HOST, OPAQUE, OPAQUE, HOST, OPAQUE, OPAQUE);
  // handle, algorithm, mode, 1, y, dy, 0, dx
  final MethodHandle softmaxBackward =
      cudnn.bind("cudnnSoftmaxBackward", INT, OPAQUE, INT, INT, HOST, OPAQUE, OPAQUE, OPAQUE, OPAQUE, HOST, OPAQUE,
          OPAQUE);
  // handle, 1, what is added, 1, the sum
  final MethodHandle addTensor = cudnn.bind("cudnnAddTensor", INT, OPAQUE, HOST, OPAQUE, OPAQUE, HOST, OPAQUE, OPAQUE);

  CudnnCalls(NativeFunctions cudnn) {
    this.cudnn = cudnn; // before the handles above are bound
    super();
  }

  /** ..., results asked for, results given, results. */
  private MethodHandle get(String name) {
    return cudnn.bind(name, INT, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, INT, HOST, HOST);
  }

  /** ..., results asked for, results given, results, workspace, its bytes; operands are descriptor and data. */
  private MethodHandle find(String name) {
    return cudnn.bind(name, INT, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, INT, HOST, HOST,
        OPAQUE, SIZE);
  }

  /** ..., algorithm, bytes. */
  private MethodHandle workspace(String name) {
    return cudnn.bind(name, INT, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, INT, HOST);
  }

  /** Handle, 1, first operand, second operand, convolution, algorithm, workspace, its bytes, 0, result. */
  private MethodHandle convolution(String name) {
    return cudnn.bind(name, INT, OPAQUE, HOST, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, INT, OPAQUE, SIZE, HOST, OPAQUE,
        OPAQUE);
  }

  /** Handle, descriptor of the operation, 1, x, 0, y. */
  private MethodHandle forward(String name) {
    return cudnn.bind(name, INT, OPAQUE, OPAQUE, HOST, OPAQUE, OPAQUE, HOST, OPAQUE, OPAQUE);
  }

  /** Handle, descriptor of the operation, 1, y, dy, x, 0, dx. */
  private MethodHandle backward(String name) {
    return cudnn.bind(name, INT, OPAQUE, OPAQUE, HOST, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE, HOST, OPAQUE,
        OPAQUE);
  }
}
