package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.ActivationMode;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionDescriptor;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionShape;
import io.github.densenet4j.internal.backend.cuda.cudnn.Cudnn;
import io.github.densenet4j.internal.backend.cuda.cudnn.Descriptor;
import io.github.densenet4j.internal.backend.cuda.cudnn.FilterShape;
import io.github.densenet4j.internal.backend.cuda.cudnn.PoolingShape;
import io.github.densenet4j.internal.backend.cuda.cudnn.TensorShape;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.HashMap;
import java.util.Map;

/** A cuDNN handle's descriptors, one for each shape. */
final class Descriptors implements AutoCloseable {
  private final Cudnn cudnn;
  private final Map<TensorShape, Descriptor<TensorShape>> tensors = new HashMap<>();
  private final Map<FilterShape, Descriptor<FilterShape>> filters = new HashMap<>();
  private final Map<ConvolutionShape, ConvolutionDescriptor> convolutions = new HashMap<>();
  private final Map<PoolingShape, Descriptor<PoolingShape>> poolings = new HashMap<>();
  private final Map<ActivationMode, Descriptor<ActivationMode>> activations = new HashMap<>();

  Descriptors(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  Descriptor<TensorShape> tensor(TensorShape shape) {
    return tensors.computeIfAbsent(shape, cudnn::tensor);
  }

  /** Of float32 channels of pixels that are {@code pitch} values apart. */
  Descriptor<TensorShape> tensor(long pitch, Extent extent, long channels) {
    return tensor(TensorShape.nhwc(extent.batch(), extent.height(), extent.width(), channels, pitch));
  }

  Descriptor<FilterShape> filter(FilterShape shape) {
    return filters.computeIfAbsent(shape, cudnn::filter);
  }

  ConvolutionDescriptor convolution(ConvolutionShape shape) {
    return convolutions.computeIfAbsent(shape, cudnn::convolution);
  }

  Descriptor<PoolingShape> pooling(PoolingShape shape) {
    return poolings.computeIfAbsent(shape, cudnn::pooling);
  }

  Descriptor<ActivationMode> activation(ActivationMode mode) {
    return activations.computeIfAbsent(mode, cudnn::activation);
  }

  @Override
  public void close() {
    tensors.values().forEach(Descriptor::close);
    filters.values().forEach(Descriptor::close);
    convolutions.values().forEach(ConvolutionDescriptor::close);
    poolings.values().forEach(Descriptor::close);
    activations.values().forEach(Descriptor::close);
  }
}
