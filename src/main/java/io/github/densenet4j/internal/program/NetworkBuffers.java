package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Category;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Statistics;

/** The buffers of one network: its parameters by torchvision's names, the ports, and all that a strategy asks for. */
public final class NetworkBuffers {
  static final double BN_MOMENTUM = 0.1;

  private static final String INFERENCE = "inference ";

  private final DenseNetConfig config;
  private final ElementType type;
  private final int batch;
  private final boolean training;
  private final Parameters parameters;
  private final FrozenPrefix frozen;
  private final Ports ports;
  private String stage = "";
  private long dropouts;

  NetworkBuffers(
      DenseNetConfig config, ElementType type, int batch, boolean training, Parameters parameters, FrozenPrefix frozen,
      Ports ports) {
    this.config = config;
    this.type = type;
    this.batch = batch;
    this.training = training;
    this.parameters = parameters;
    this.frozen = frozen;
    this.ports = ports;
  }

  DenseNetConfig config() {
    return config;
  }

  /** Of tensors; whatever has one value a channel is float32. */
  ElementType type() {
    return type;
  }

  boolean training() {
    return training;
  }

  Ports ports() {
    return ports;
  }

  int batch() {
    return batch;
  }

  Extent extent(int size) {
    return new Extent(batch, size, size);
  }

  /** The part of the network that buffers belong to from now on. */
  void stage(String stage) {
    this.stage = stage;
  }

  BufferView value(String name) {
    return ports.parameters().view().plusFloats(parameters.get(name).offset());
  }

  BufferView gradient(String name) {
    return ports.gradients().view().plusFloats(parameters.get(name).offset() - frozen.values());
  }

  /** Whether the unit that a learnable parameter is of has gradients; none has at inference. */
  boolean trains(String parameter) {
    return training && !frozen.has(parameter);
  }

  /** Running mean and variance of a batch normalisation. */
  Statistics running(String norm) {
    var group = ports.running().view();
    return new Statistics(
        group.plusFloats(parameters.get(norm + ".running_mean").offset()),
        group.plusFloats(parameters.get(norm + ".running_var").offset()));
  }

  /** The dropout of the next convolution, in the order of the network; there is none where it does not train. */
  Dropout dropout(boolean trains) {
    return new Dropout(ports.control().view(), dropouts++, trains ? config.dropout() : 0);
  }

  /** Of convolutions that have none, so that those after them have the same masks. */
  void skipDropouts(int count) {
    dropouts += count;
  }

  BufferView floats(String name, long count) {
    return buffer(name, count * Float.BYTES);
  }

  /**
   * Scale and shift of a batch normalisation. Those of inference last: they change with the parameters and running
   * statistics that they are made of, and belong to them.
   */
  Affine affine(String norm, long channels) {
    return training
        ? new Affine(floats(norm + " scale", channels), floats(norm + " shift", channels))
        : new Affine(folded(norm + " scale", channels), folded(norm + " shift", channels));
  }

  private BufferView folded(String name, long count) {
    return new Buffer(INFERENCE + name, stage, Category.PARAMETERS, count * Float.BYTES, true).view();
  }

  ChannelSlice tensor(String name, Extent extent, long pitch) {
    return new ChannelSlice(buffer(name, extent.pixels() * pitch * type.bytes()), pitch, type);
  }

  private BufferView buffer(String name, long bytes) {
    return new Buffer((training ? "" : INFERENCE) + name, stage, Category.ACTIVATIONS, bytes, false).view();
  }

  Statistics statistics(String name, long channels) {
    return new Statistics(floats(name + " mean", channels), floats(name + " variance", channels));
  }
}
