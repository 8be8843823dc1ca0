package io.github.densenet4j.program;

import io.github.densenet4j.network.DenseNetConfig;
import io.github.densenet4j.network.Names;
import io.github.densenet4j.network.Parameters;
import io.github.densenet4j.network.Stem;
import io.github.densenet4j.tensor.Affine;
import io.github.densenet4j.tensor.Buffer;
import io.github.densenet4j.tensor.BufferView;
import io.github.densenet4j.tensor.Category;
import io.github.densenet4j.tensor.ChannelSlice;
import io.github.densenet4j.tensor.Dropout;
import io.github.densenet4j.tensor.Extent;
import io.github.densenet4j.tensor.Gradient;
import io.github.densenet4j.tensor.Input;
import io.github.densenet4j.tensor.InputGradient;
import io.github.densenet4j.tensor.Output;
import io.github.densenet4j.tensor.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes a network down stage by stage, from the stem to the head. Each stage adds its operations to the end of the
 * forward list and to the front of the backward list, so the two are mirror images.
 *
 * <p>For inference the stages are the same without statistics, gradients, loss and dropout; the affine form of batch
 * normalisation then comes from running statistics.
 */
final class FusedNetwork {
  private static final double BN_MOMENTUM = 0.1;

  /** Feature buffers start each pixel on a cache line: 16 float32 values. */
  private static final int PITCH = 16;

  /** A convolution with BN and ReLU before it. */
  private enum Kind {
    CONV1X1,
    CONV3X3,
    TRANSITION
  }

  private final DenseNetConfig config;
  private final Workload workload;
  private final Parameters parameters;
  private final Ports ports;
  private final boolean training;
  private final List<Op> forward = new ArrayList<>();
  private final List<List<Op>> backward = new ArrayList<>();
  private long dropouts;

  FusedNetwork(DenseNetConfig config, Workload workload, Parameters parameters, Ports ports, boolean training) {
    this.config = config;
    this.workload = workload;
    this.parameters = parameters;
    this.ports = ports;
    this.training = training;
    write();
  }

  List<Op> forward() {
    return forward;
  }

  List<Op> backward() {
    return backward.reversed().stream().flatMap(List::stream).toList();
  }

  private void write() {
    var blocks = config.blocks();
    FeatureMap features = featureBuffer(blocks.getFirst());
    stem(features);
    for (var block : blocks) {
      for (int layer = 0; layer < block.layers(); layer++) {
        denseLayer(features, block, layer);
      }
      if (block.index() == blocks.size() - 1) {
        head(features, block.outChannels());
      } else {
        var next = featureBuffer(blocks.get(block.index() + 1));
        transition(features, block, next);
        features = next;
      }
    }
  }

  /** The backward operations are asked for only if the program trains. */
  private void stage(List<Op> forward, Supplier<List<Op>> backward) {
    this.forward.addAll(forward);
    if (training) {
      this.backward.add(backward.get());
    }
  }

  private void stem(FeatureMap features) {
    if (config.stem() == Stem.CIFAR) {
      stemConvolution(features.tensor());
      return;
    }
    int size = config.stem().convolved(config.imageSize());
    int channels = config.initFeatures();
    var convolved = featureMap("conv0", new Extent(workload.batch(), size, size), channels, channels);
    stemConvolution(convolved.tensor());
    var norm = new Norm("features.norm0", convolved, channels);
    var y = features.tensor();
    stage(
        List.of(
            norm.fold,
            new Op.MaxpoolFprop(
                y.value(), y.statistics(), convolved.tensor().value(), norm.affine, convolved.extent(), channels)),
        () ->
            List.of(
                new Op.MaxpoolDgrad(
                    norm.gradient(false), y, norm.input(), convolved.extent(), channels)));
  }

  private void stemConvolution(Output y) {
    var stem = config.stem();
    var extent = new Extent(workload.batch(), config.imageSize(), config.imageSize());
    int in = config.inChannels();
    int out = config.initFeatures();
    var image = ports.images().view();
    String weight = "features.conv0.weight";
    stage(
        List.of(
            new Op.StemConvFprop(
                y.value(), y.statistics(), image, value(weight), extent, in, out, stem.kernel(), stem.stride(),
                stem.padding())),
        () ->
            List.of(
                new Op.StemConvWgrad(
                    gradient(weight), y, image, extent, in, out, stem.kernel(), stem.stride(), stem.padding())));
  }

  /** Reads all channels before its own, writes the next {@code growthRate}. */
  private void denseLayer(FeatureMap features, DenseNetConfig.Block block, int layer) {
    String name = Names.layer(block.index(), layer);
    int in = block.inChannels() + layer * config.growthRate();
    var y = features.tensor().from(in);
    if (config.hasBottleneck()) {
      int channels = config.bottleneckChannels();
      var bottleneck = featureMap(name, features.extent(), channels, channels);
      convolution(Kind.CONV1X1, name + ".norm1", name + ".conv1", features, in, bottleneck.tensor(), channels, true);
      convolution(
          Kind.CONV3X3, name + ".norm2", name + ".conv2", bottleneck, channels, y, config.growthRate(), false);
    } else {
      convolution(Kind.CONV3X3, name + ".norm1", name + ".conv1", features, in, y, config.growthRate(), true);
    }
  }

  private void transition(FeatureMap features, DenseNetConfig.Block block, FeatureMap next) {
    String name = Names.transition(block.index());
    int out = config.blocks().get(block.index() + 1).inChannels();
    convolution(
        Kind.TRANSITION, name + ".norm", name + ".conv", features, block.outChannels(), next.tensor(), out, false);
  }

  /**
   * @param accumulate whether a later consumer, which comes earlier in the backward pass, has already written the
   *     gradient of x
   */
  private void convolution(
      Kind kind, String normName, String convName, FeatureMap x, int in, Output y, int out, boolean accumulate) {
    var norm = new Norm(normName, x, in);
    var dropout = new Dropout(ports.control().view(), dropouts++, training ? config.dropout() : 0);
    var weight = value(convName + ".weight");
    var to = y.value();
    var statistics = y.statistics();
    var from = x.tensor().value();
    var affine = norm.affine;
    var extent = x.extent();
    var fprop =
        switch (kind) {
          case CONV1X1 ->
              new Op.BnReluConv1x1Fprop(to, statistics, from, affine, weight, dropout, extent, in, out);
          case CONV3X3 ->
              new Op.BnReluConv3x3Fprop(to, statistics, from, affine, weight, dropout, extent, in, out);
          case TRANSITION ->
              new Op.TransitionFprop(to, statistics, from, affine, weight, dropout, extent, in, out);
        };
    stage(
        List.of(norm.fold, fprop),
        () -> {
          var dweight = gradient(convName + ".weight");
          var dx = norm.gradient(accumulate);
          var input = norm.input();
          return switch (kind) {
            case CONV1X1 ->
                List.of(
                    new Op.BnReluConv1x1Wgrad(dweight, y, from, affine, dropout, extent, in, out),
                    new Op.BnReluConv1x1Dgrad(dx, y, input, weight, dropout, extent, in, out));
            case CONV3X3 ->
                List.of(
                    new Op.BnReluConv3x3Wgrad(dweight, y, from, affine, dropout, extent, in, out),
                    new Op.BnReluConv3x3Dgrad(dx, y, input, weight, dropout, extent, in, out));
            case TRANSITION ->
                List.of(
                    new Op.TransitionWgrad(dweight, y, from, affine, dropout, extent, in, out),
                    new Op.TransitionDgrad(dx, y, input, weight, dropout, extent, in, out));
          };
        });
  }

  private void head(FeatureMap features, int channels) {
    var norm = new Norm("features.norm5", features, channels);
    int batch = workload.batch();
    int classes = config.classes();
    var extent = features.extent();
    var weight = value("classifier.weight");
    var logits = ports.logits().view();
    var pooled = floats("pooled", (long) batch * channels);
    var dlogits = floats("dlogits", (long) batch * classes);
    var forward = new ArrayList<Op>();
    forward.add(norm.fold);
    forward.add(
        new Op.HeadFprop(
            logits, pooled, features.tensor().value(), norm.affine, weight, value("classifier.bias"), extent, channels,
            classes));
    if (training) {
      forward.add(
          new Op.SoftmaxXent(
              ports.loss().view(), ports.correct().view(), dlogits, logits, ports.labels().view(), batch, classes));
    }
    stage(
        forward,
        () ->
            List.of(
                new Op.HeadWgrad(
                    gradient("classifier.weight"), gradient("classifier.bias"), dlogits, pooled, batch, channels,
                    classes),
                new Op.HeadDgrad(
                    norm.gradient(false), dlogits, norm.input(), weight, extent, channels, classes)));
  }

  private FeatureMap featureBuffer(DenseNetConfig.Block block) {
    var extent = new Extent(workload.batch(), block.size(), block.size());
    int pitch = (block.outChannels() + PITCH - 1) / PITCH * PITCH;
    return featureMap("block" + (block.index() + 1), extent, block.outChannels(), pitch);
  }

  private FeatureMap featureMap(String name, Extent extent, long channels, long pitch) {
    var value = new ChannelSlice(floats(name, extent.pixels() * pitch), pitch);
    if (!training) {
      return new FeatureMap(new Output(null, value, Statistics.NONE), extent);
    }
    var statistics =
        new Statistics(floats(name + " mean", channels), floats(name + " variance", channels));
    var sum = new ChannelSlice(floats(name + " gradient", extent.pixels() * pitch), pitch);
    var gradient = new Gradient(sum, floats(name + " offset", channels), floats(name + " slope", channels));
    return new FeatureMap(new Output(gradient, value, statistics), extent);
  }

  /** One batch normalisation as a consumer of the first {@code channels} channels of x. */
  private final class Norm {
    private final String name;
    private final Output x;
    private final Affine affine;
    private final Op fold;

    Norm(String name, FeatureMap x, int channels) {
      this.name = name;
      this.x = x.tensor();
      affine = new Affine(floats(name + " scale", channels), floats(name + " shift", channels));
      var mean = running(name + ".running_mean");
      var variance = running(name + ".running_var");
      var gamma = value(name + ".weight");
      var beta = value(name + ".bias");
      fold =
          training
              ? new Op.BnFinalize(
                  affine, mean, variance, x.tensor().statistics(), gamma, beta, BN_MOMENTUM, x.extent().pixels(),
                  channels)
              : new Op.BnFold(affine, mean, variance, gamma, beta, channels);
    }

    Input input() {
      return new Input(x.value(), x.statistics(), affine, value(name + ".weight"));
    }

    InputGradient gradient(boolean accumulate) {
      var dgamma = FusedNetwork.this.gradient(name + ".weight");
      var dbeta = FusedNetwork.this.gradient(name + ".bias");
      return new InputGradient(x.gradient(), dgamma, dbeta, accumulate);
    }
  }

  private BufferView value(String name) {
    return ports.parameters().view().plusFloats(parameters.get(name).offset());
  }

  private BufferView running(String name) {
    return ports.running().view().plusFloats(parameters.get(name).offset());
  }

  private BufferView gradient(String name) {
    return ports.gradients().view().plusFloats(parameters.get(name).offset());
  }

  private BufferView floats(String name, long count) {
    String phase = training ? "" : "inference ";
    return new Buffer(phase + name, Category.ACTIVATIONS, count * Float.BYTES, false).view();
  }
}
