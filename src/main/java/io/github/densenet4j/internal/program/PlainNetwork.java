package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.network.Names;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a network down in the layers of frameworks, stage by stage, from the stem to the head: every layer's output is
 * a tensor of its own, and who reads several concatenates them.
 *
 * <p>For inference, and in the frozen prefix of a network that trains, the stages are the same without gradients and
 * dropout, and batch normalisation works with running statistics.
 */
final class PlainNetwork {
  private final NetworkBuffers buffers;
  private final DenseNetConfig config;
  private final boolean recompute;
  private final MirroredPasses passes;

  /** @param recompute whether the inputs of convolutions are made again for the backward pass, or kept */
  PlainNetwork(NetworkBuffers buffers, boolean recompute) {
    this.buffers = buffers;
    this.config = buffers.config();
    this.recompute = recompute;
    this.passes = new MirroredPasses();
    write();
  }

  Passes passes() {
    return passes.passes();
  }

  private void write() {
    buffers.stage(Stages.STEM);
    var blocks = config.blocks();
    var features = new ArrayList<PlainTensor>();
    features.add(stem(buffers.extent(blocks.getFirst().size())));
    for (var block : blocks) {
      buffers.stage(Stages.block(block.index()));
      var extent = buffers.extent(block.size());
      for (int layer = 0; layer < block.layers(); layer++) {
        features.add(denseLayer(Names.layer(block.index(), layer), List.copyOf(features), extent));
      }
      if (block.index() == blocks.size() - 1) {
        buffers.stage(Stages.HEAD);
        head(features, block.size());
      } else {
        buffers.stage(Stages.transition(block.index()));
        var next = blocks.get(block.index() + 1);
        var pooled = transition(Names.transition(block.index()), List.copyOf(features), extent, next);
        features.clear();
        features.add(pooled);
      }
    }
  }

  private PlainTensor stem(Extent pooled) {
    var stem = config.stem();
    var extent = buffers.extent(config.imageSize());
    var convolved = buffers.extent(stem.convolved(config.imageSize()));
    int in = config.inChannels();
    int out = config.initFeatures();
    var image = new ChannelSlice(buffers.ports().images().view(), in);
    String weight = "features.conv0.weight";
    var y = tensor("conv0", convolved, out, weight);
    passes.stage(
        List.of(
            new PlainOp.ConvFprop(
                y.value(), image, buffers.value(weight), extent, in, out, stem.kernel(), stem.stride(),
                stem.padding())),
        buffers.trains(weight),
        () ->
            List.of(
                new PlainOp.ConvWgrad(
                    buffers.gradient(weight), y.gradient(), image, extent, in, out, stem.kernel(), stem.stride(),
                    stem.padding())));
    return stem == Stem.CIFAR ? y : maxpool(y, convolved, pooled);
  }

  private PlainTensor maxpool(PlainTensor x, Extent extent, Extent pooled) {
    var input = input("features.norm0", List.of(x), extent, false);
    var y = tensor("pool0", pooled, x.channels(), "features.norm0.weight");
    var forward = new ArrayList<>(input.forward());
    forward.add(new PlainOp.MaxpoolFprop(y.value(), input.output(), extent, x.channels()));
    passes.stage(
        forward,
        input.trains(),
        () -> {
          var backward = new ArrayList<>(input.again());
          backward.add(
              new PlainOp.MaxpoolDgrad(input.gradient(), y.gradient(), input.saved(), extent, x.channels()));
          backward.addAll(input.backward());
          return backward;
        });
    return y;
  }

  private PlainTensor denseLayer(String name, List<PlainTensor> features, Extent extent) {
    int k = config.growthRate();
    if (!config.hasBottleneck()) {
      return convolution(name, input(name + ".norm1", features, extent, true), name + ".conv1", k, 3);
    }
    var z =
        convolution(
            name + " bottleneck", input(name + ".norm1", features, extent, true), name + ".conv1",
            config.bottleneckChannels(), 1);
    return convolution(
        name, input(name + ".norm2", List.of(z), extent, false), name + ".conv2", k, 3);
  }

  /** Convolution with stride 1 that keeps the size, and dropout. */
  private PlainTensor convolution(String name, RectifiedInput input, String conv, int out, int kernel) {
    var extent = input.extent();
    int in = input.channels();
    var y = tensor(name, extent, out, conv + ".weight");
    var weight = buffers.value(conv + ".weight");
    var dropout = buffers.dropout(input.trains());
    var forward = new ArrayList<>(input.forward());
    forward.add(new PlainOp.ConvFprop(y.value(), input.output(), weight, extent, in, out, kernel, 1, kernel / 2));
    if (dropout.rate() > 0) {
      forward.add(new PlainOp.DropoutFprop(y.value(), y.value(), dropout, extent.pixels(), out));
    }
    passes.stage(
        forward,
        input.trains(),
        () -> {
          var dy = y.gradient();
          var backward = new ArrayList<>(input.again());
          if (dropout.rate() > 0) {
            backward.add(new PlainOp.DropoutDgrad(dy, dy, dropout, extent.pixels(), out));
          }
          backward.addAll(gradients(input, conv, dy, out, kernel));
          return backward;
        });
    return y;
  }

  private PlainTensor transition(
      String name, List<PlainTensor> features, Extent extent, DenseNetConfig.Block next) {
    var input = input(name + ".norm", features, extent, false);
    int out = next.inChannels();
    String conv = name + ".conv";
    var pooled = buffers.extent(next.size());
    var convolved = buffers.tensor(name + " unpooled", extent, out);
    var y = tensor(name, pooled, out, conv + ".weight");
    var dropout = buffers.dropout(input.trains());
    var forward = new ArrayList<>(input.forward());
    forward.add(
        new PlainOp.ConvFprop(
            convolved, input.output(), buffers.value(conv + ".weight"), extent, input.channels(), out, 1, 1, 0));
    forward.add(new PlainOp.AvgpoolFprop(y.value(), convolved, extent, out, 2));
    if (dropout.rate() > 0) {
      forward.add(new PlainOp.DropoutFprop(y.value(), y.value(), dropout, pooled.pixels(), out));
    }
    passes.stage(
        forward,
        input.trains(),
        () -> {
          var dy = y.gradient();
          var dconvolved = buffers.tensor(name + " unpooled gradient", extent, out);
          var backward = new ArrayList<>(input.again());
          if (dropout.rate() > 0) {
            backward.add(new PlainOp.DropoutDgrad(dy, dy, dropout, pooled.pixels(), out));
          }
          backward.add(new PlainOp.AvgpoolDgrad(dconvolved, dy, extent, out, 2));
          backward.addAll(gradients(input, conv, dconvolved, out, 1));
          return backward;
        });
    return y;
  }

  /** From the gradient of a convolution's output to those of its weight and of all that its input was made of. */
  private List<Op> gradients(RectifiedInput input, String conv, ChannelSlice dy, int out, int kernel) {
    var extent = input.extent();
    int in = input.channels();
    String weight = conv + ".weight";
    var ops = new ArrayList<Op>();
    ops.add(
        new PlainOp.ConvWgrad(
            buffers.gradient(weight), dy, input.saved(), extent, in, out, kernel, 1, kernel / 2));
    ops.add(new PlainOp.ConvDgrad(input.gradient(), dy, buffers.value(weight), extent, in, out, kernel));
    ops.addAll(input.backward());
    return ops;
  }

  private void head(List<PlainTensor> features, int size) {
    var extent = buffers.extent(size);
    var input = input("features.norm5", List.copyOf(features), extent, false);
    int batch = buffers.batch();
    int channels = input.channels();
    int classes = config.classes();
    var weight = buffers.value("classifier.weight");
    var pooled = buffers.tensor("pooled", buffers.extent(1), channels);
    var logits = buffers.ports().logits().view();
    var dlogits = buffers.floats("dlogits", (long) batch * classes);
    var forward = new ArrayList<>(input.forward());
    forward.add(new PlainOp.AvgpoolFprop(pooled, input.output(), extent, channels, size));
    forward.add(
        new PlainOp.LinearFprop(
            logits, pooled.data(), weight, buffers.value("classifier.bias"), batch, channels, classes));
    if (buffers.training()) {
      forward.add(buffers.ports().loss(dlogits, batch, classes));
    }
    passes.stage(
        forward,
        buffers.training(),
        () -> {
          var backward = new ArrayList<Op>();
          backward.add(
              new PlainOp.LinearWgrad(
                  buffers.gradient("classifier.weight"), buffers.gradient("classifier.bias"), dlogits, pooled.data(),
                  batch, channels, classes));
          if (!input.trains()) {
            return backward;
          }
          var dpooled = buffers.tensor("pooled gradient", buffers.extent(1), channels);
          backward.add(new PlainOp.LinearDgrad(dpooled.data(), dlogits, weight, batch, channels, classes));
          backward.addAll(input.again());
          backward.add(new PlainOp.AvgpoolDgrad(input.gradient(), dpooled, extent, channels, size));
          backward.addAll(input.backward());
          return backward;
        });
  }

  /** @param parameter of the unit that makes it: one that does not train needs no gradient */
  private PlainTensor tensor(String name, Extent extent, int channels, String parameter) {
    var value = buffers.tensor(name, extent, channels);
    var gradient = buffers.trains(parameter) ? buffers.tensor(name + " gradient", extent, channels) : null;
    return new PlainTensor(value, gradient, channels);
  }

  private RectifiedInput input(String norm, List<PlainTensor> sources, Extent extent, boolean accumulate) {
    return new RectifiedInput(buffers, recompute, norm, sources, extent, accumulate);
  }
}
