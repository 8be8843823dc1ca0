package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.backend.cuda.cudnn.ActivationDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.ActivationMode;
import io.github.densenet4j.backend.cuda.cudnn.ConvolutionDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.ConvolutionShape;
import io.github.densenet4j.backend.cuda.cudnn.Cudnn;
import io.github.densenet4j.backend.cuda.cudnn.FilterDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.FilterShape;
import io.github.densenet4j.backend.cuda.cudnn.PoolingDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.PoolingShape;
import io.github.densenet4j.backend.cuda.cudnn.TensorDescriptor;
import io.github.densenet4j.backend.cuda.cudnn.TensorShape;
import java.util.HashMap;
import java.util.Map;

/** A cuDNN handle's descriptors, one for each shape. */
final class Descriptors implements AutoCloseable {
  private final Cudnn cudnn;
  private final Map<TensorShape, TensorDescriptor> tensors = new HashMap<>();
  private final Map<FilterShape, FilterDescriptor> filters = new HashMap<>();
  private final Map<ConvolutionShape, ConvolutionDescriptor> convolutions = new HashMap<>();
  private final Map<PoolingShape, PoolingDescriptor> poolings = new HashMap<>();
  private final Map<ActivationMode, ActivationDescriptor> activations = new HashMap<>();

  Descriptors(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  TensorDescriptor tensor(TensorShape shape) {
    return tensors.computeIfAbsent(shape, cudnn::tensor);
  }

  FilterDescriptor filter(FilterShape shape) {
    return filters.computeIfAbsent(shape, cudnn::filter);
  }

  ConvolutionDescriptor convolution(ConvolutionShape shape) {
    return convolutions.computeIfAbsent(shape, cudnn::convolution);
  }

  PoolingDescriptor pooling(PoolingShape shape) {
    return poolings.computeIfAbsent(shape, cudnn::pooling);
  }

  ActivationDescriptor activation(ActivationMode mode) {
    return activations.computeIfAbsent(mode, cudnn::activation);
  }

  @Override
  public void close() {
    tensors.values().forEach(TensorDescriptor::close);
    filters.values().forEach(FilterDescriptor::close);
    convolutions.values().forEach(ConvolutionDescriptor::close);
    poolings.values().forEach(PoolingDescriptor::close);
    activations.values().forEach(ActivationDescriptor::close);
  }
}
