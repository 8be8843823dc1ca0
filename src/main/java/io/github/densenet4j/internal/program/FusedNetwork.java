package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.network.Names;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Gradient;
import io.github.densenet4j.internal.tensor.Output;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a network down on feature buffers, stage by stage, from the stem to the head.
 *
 * <p>For inference the stages are the same without statistics, gradients, loss and dropout; the affine form of batch
 * normalisation then comes from running statistics, before any image is there, so that a layer with a bottleneck is one
 * operation. The frozen prefix of a network that trains is computed likewise, but for the statistics of what is read by
 * the first part that trains.
 */
final class FusedNetwork {
  /** Feature buffers start each pixel on a cache line of so many bytes. */
  private static final int LINE = 64;

  /** Bytes that vector instructions of a GPU move at once, from multiples of as many. */
  private static final int VECTOR = 16;

  /** A convolution with BN and ReLU before it. */
  private enum Kind {
    CONV1X1,
    CONV3X3,
    TRANSITION
  }

  private final NetworkBuffers buffers;
  private final DenseNetConfig config;
  private final boolean recompute;
  private final MirroredPasses passes;

  /** @param recompute whether the outputs of bottleneck convolutions are made again for the backward pass */
  FusedNetwork(NetworkBuffers buffers, boolean recompute) {
    this.buffers = buffers;
    this.config = buffers.config();
    this.recompute = recompute && buffers.training();
    this.passes = new MirroredPasses();
    write();
  }

  Passes passes() {
    return passes.passes();
  }

  private void write() {
    var blocks = config.blocks();
    FeatureMap features = featureBuffer(blocks.getFirst());
    buffers.stage(Stages.STEM);
    stem(features);
    for (var block : blocks) {
      buffers.stage(Stages.block(block.index()));
      for (int layer = 0; layer < block.layers(); layer++) {
        denseLayer(features, block, layer);
      }
      if (block.index() == blocks.size() - 1) {
        buffers.stage(Stages.HEAD);
        head(features, block.outChannels());
      } else {
        var next = featureBuffer(blocks.get(block.index() + 1));
        buffers.stage(Stages.transition(block.index()));
        transition(features, block, next);
        features = next;
      }
    }
  }

  private void stem(FeatureMap features) {
    if (config.stem() == Stem.CIFAR) {
      stemConvolution(features.tensor());
      return;
    }
    int channels = config.initFeatures();
    var extent = buffers.extent(config.stem().convolved(config.imageSize()));
    boolean trains = buffers.trains("features.norm0.weight");
    var convolved = packed("conv0", extent, channels, trains);
    stemConvolution(convolved.tensor());
    var norm = norm("features.norm0", convolved, channels, trains);
    var y = features.tensor();
    passes.stage(
        norm.before(
            new FusedOp.BnReluMaxpoolFprop(
                y.value(), y.statistics(), convolved.tensor().value(), norm.affine(), extent, channels)),
        trains,
        () -> List.of(new FusedOp.BnReluMaxpoolDgrad(norm.gradient(false), y, norm.input(), extent, channels)));
  }

  private void stemConvolution(Output y) {
    var stem = config.stem();
    var extent = buffers.extent(config.imageSize());
    int in = config.inChannels();
    int out = config.initFeatures();
    var image = buffers.ports().images().view();
    String weight = "features.conv0.weight";
    passes.stage(
        List.of(
            new FusedOp.StemConvFprop(
                y.value(), y.statistics(), image, buffers.value(weight), extent, in, out, stem.kernel(), stem.stride(),
                stem.padding())),
        buffers.trains(weight),
        () ->
            List.of(
                new FusedOp.StemConvWgrad(
                    buffers.gradient(weight), y, image, extent, in, out, stem.kernel(), stem.stride(),
                    stem.padding())));
  }

  /** Reads all channels before its own, writes the next {@code growthRate}. */
  private void denseLayer(FeatureMap features, DenseNetConfig.Block block, int layer) {
    String name = Names.layer(block.index(), layer);
    int in = block.inChannels() + layer * config.growthRate();
    var y = features.from(in);
    boolean trains = buffers.trains(name + ".norm1.weight");
    if (!config.hasBottleneck()) {
      convolution(Kind.CONV3X3, name + ".norm1", name + ".conv1", features, in, y, config.growthRate(), trains, true);
    } else if (trains || !y.tensor().statistics().equals(Statistics.NONE)) {
      bottleneckLayer(name, features, in, y, trains);
    } else {
      inferredLayer(name, features, in, y);
    }
  }

  private void bottleneckLayer(String name, FeatureMap features, int in, FeatureMap y, boolean trains) {
    int channels = config.bottleneckChannels();
    var z = bottleneck(name, features.extent(), channels, trains);
    var conv1 =
        convolution(Kind.CONV1X1, name + ".norm1", name + ".conv1", features, in, z, channels, trains, true);
    convolution(
        Kind.CONV3X3, name + ".norm2", name + ".conv2", z, channels, y, config.growthRate(), trains, false);
    if (recompute) {
      passes.stage(List.of(), trains, () -> List.of(again(conv1, z.saved())));
    }
  }

  /** Both batch normalisations are known beforehand, so nothing has to see the whole bottleneck. */
  private void inferredLayer(String name, FeatureMap features, int in, FeatureMap y) {
    int channels = config.bottleneckChannels();
    buffers.skipDropouts(2);
    var norm1 = norm(name + ".norm1", features, in, false);
    var norm2 = norm(name + ".norm2", features, channels, false);
    var infer =
        new FusedOp.BottleneckInfer(
            y.tensor().value(), features.tensor().value(), norm1.affine(), buffers.value(name + ".conv1.weight"),
            norm2.affine(), buffers.value(name + ".conv2.weight"), features.extent(), in, channels,
            config.growthRate());
    var forward = new ArrayList<>(norm1.before());
    forward.addAll(norm2.before(infer));
    passes.stage(forward, false, List::of);
  }

  private FeatureMap bottleneck(String name, Extent extent, int channels, boolean trains) {
    var kept = packed(name, extent, channels, trains);
    if (!recompute || !trains) {
      return kept;
    }
    var values = buffers.tensor(name + " recomputed", extent, kept.tensor().value().pitch());
    var tensor = kept.tensor();
    return new FeatureMap(tensor, new Output(tensor.gradient(), values, tensor.statistics()), extent);
  }

  /** The same convolution into {@code y}, whose statistics are known already. */
  private static Op again(Op conv1, Output y) {
    var op = (FusedOp.BnReluConv1x1Fprop) conv1;
    return new FusedOp.BnReluConv1x1Fprop(
        y.value(), Statistics.NONE, op.x(), op.affine(), op.weight(), op.dropout(), op.extent(), op.inChannels(),
        op.outChannels());
  }

  private void transition(FeatureMap features, DenseNetConfig.Block block, FeatureMap next) {
    String name = Names.transition(block.index());
    int out = config.blocks().get(block.index() + 1).inChannels();
    convolution(
        Kind.TRANSITION, name + ".norm", name + ".conv", features, block.outChannels(), next, out,
        buffers.trains(name + ".norm.weight"), false);
  }

  /**
   * @param trains whether it normalises by the batch and has gradients
   * @param accumulate whether a later consumer, which comes earlier in the backward pass, has already written the
   *     gradient of x
   * @return the forward operation
   */
  private Op convolution(
      Kind kind, String normName, String convName, FeatureMap x, int in, FeatureMap y, int out, boolean trains,
      boolean accumulate) {
    var norm = norm(normName, x, in, trains);
    var dropout = buffers.dropout(trains);
    var weight = buffers.value(convName + ".weight");
    var to = y.tensor().value();
    var statistics = y.tensor().statistics();
    var from = x.tensor().value();
    var affine = norm.affine();
    var extent = x.extent();
    var fprop =
        switch (kind) {
          case CONV1X1 ->
              new FusedOp.BnReluConv1x1Fprop(to, statistics, from, affine, weight, dropout, extent, in, out);
          case CONV3X3 ->
              new FusedOp.BnReluConv3x3Fprop(to, statistics, from, affine, weight, dropout, extent, in, out);
          case TRANSITION ->
              new FusedOp.TransitionFprop(to, statistics, from, affine, weight, dropout, extent, in, out);
        };
    passes.stage(
        norm.before(fprop),
        trains,
        () -> {
          var dweight = buffers.gradient(convName + ".weight");
          var dx = norm.gradient(accumulate);
          var dy = y.saved();
          var saved = norm.input();
          var bprop =
              switch (kind) {
                case CONV1X1 ->
                    new FusedOp.BnReluConv1x1Bprop(dx, dweight, dy, saved, weight, dropout, extent, in, out);
                case CONV3X3 ->
                    new FusedOp.BnReluConv3x3Bprop(dx, dweight, dy, saved, weight, dropout, extent, in, out);
                case TRANSITION ->
                    new FusedOp.TransitionBprop(dx, dweight, dy, saved, weight, dropout, extent, in, out);
              };
          return List.of(bprop);
        });
    return fprop;
  }

  private void head(FeatureMap features, int channels) {
    boolean trains = buffers.trains("features.norm5.weight");
    var norm = norm("features.norm5", features, channels, trains);
    int batch = buffers.batch();
    int classes = config.classes();
    var extent = features.extent();
    var weight = buffers.value("classifier.weight");
    var bias = buffers.value("classifier.bias");
    var logits = buffers.ports().logits().view();
    var pooled = buffers.floats("pooled", (long) batch * channels);
    var dlogits = buffers.floats("dlogits", (long) batch * classes);
    var forward =
        new ArrayList<>(
            norm.before(
                new FusedOp.HeadFprop(
                    logits, pooled, features.tensor().value(), norm.affine(), weight, bias, extent, channels, classes)));
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
                  buffers.gradient("classifier.weight"), buffers.gradient("classifier.bias"), dlogits, pooled, batch,
                  channels, classes));
          if (trains) {
            backward.add(
                new FusedOp.HeadDgrad(norm.gradient(false), dlogits, norm.input(), weight, extent, channels, classes));
          }
          return backward;
        });
  }

  private FeatureMap featureBuffer(DenseNetConfig.Block block) {
    int line = LINE / buffers.type().bytes();
    int pitch = (block.outChannels() + line - 1) / line * line;
    String name = Stages.block(block.index());
    buffers.stage(name);
    boolean last = block.index() == config.blocks().size() - 1;
    String reader = last ? "features.norm5.weight" : Names.transition(block.index()) + ".norm.weight";
    return featureMap(name, buffers.extent(block.size()), block.outChannels(), pitch, buffers.trains(reader));
  }

  /** Pixels follow one another, each on a vector of 16 bytes. */
  private FeatureMap packed(String name, Extent extent, int channels, boolean trains) {
    int vector = VECTOR / buffers.type().bytes();
    return featureMap(name, extent, channels, (channels + vector - 1) / vector * vector, trains);
  }

  /** @param trains whether a reader of it normalises by the batch and hands back a gradient */
  private FeatureMap featureMap(String name, Extent extent, long channels, long pitch, boolean trains) {
    var tensor = output(name, buffers.tensor(name, extent, pitch), extent, channels, trains);
    return new FeatureMap(tensor, tensor, extent);
  }

  private Output output(String name, ChannelSlice value, Extent extent, long channels, boolean trains) {
    if (!trains) {
      return new Output(null, value, Statistics.NONE);
    }
    var sum = buffers.tensor(name + " gradient", extent, value.pitch());
    var gradient =
        new Gradient(sum, buffers.floats(name + " offset", channels), buffers.floats(name + " slope", channels));
    return new Output(gradient, value, buffers.statistics(name, channels));
  }

  private Norm norm(String name, FeatureMap x, int channels, boolean trains) {
    return new Norm(buffers, passes, name, x, channels, trains);
  }
}
