package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.ArrayList;
import java.util.List;

/**
 * What a convolution or pool reads in a plain network: its sources concatenated, normalised and rectified. The backward
 * pass finds the three tensors kept, or makes them again from the sources and the saved batch statistics.
 */
final class RectifiedInput {
  private final NetworkBuffers buffers;
  private final boolean recompute;
  private final String norm;
  private final List<PlainTensor> sources;
  private final Extent extent;
  private final boolean accumulate;
  private final int channels;
  private final boolean trains;
  private final Statistics statistics;
  private final Tensors first;
  private final Tensors saved;
  private final ChannelSlice gradient;

  /** @param rectified the same as {@code normalized} if the ReLU works in place */
  private record Tensors(ChannelSlice concatenated, ChannelSlice normalized, ChannelSlice rectified) {}

  /**
   * @param norm the batch normalisation's name
   * @param sources concatenated if they are several
   * @param accumulate whether a later consumer, which comes earlier in the backward pass, has already written the
   *     gradients of the sources
   */
  RectifiedInput(
      NetworkBuffers buffers, boolean recompute, String norm, List<PlainTensor> sources, Extent extent,
      boolean accumulate) {
    this.buffers = buffers;
    this.recompute = recompute;
    this.norm = norm;
    this.sources = sources;
    this.extent = extent;
    this.accumulate = accumulate;
    channels = sources.stream().mapToInt(PlainTensor::channels).sum();
    trains = buffers.trains(norm + ".weight");
    statistics = trains ? buffers.statistics(norm, channels) : buffers.running(norm);
    first = tensors("");
    saved = recompute && trains ? tensors(" recomputed") : first;
    gradient = trains ? buffers.tensor(norm + " gradient", extent, channels) : null;
  }

  private Tensors tensors(String suffix) {
    var concatenated =
        sources.size() == 1
            ? sources.getFirst().value()
            : buffers.tensor(norm + " concatenation" + suffix, extent, channels);
    var normalized = buffers.tensor(norm + suffix, extent, channels);
    return new Tensors(
        concatenated,
        normalized,
        recompute ? normalized : buffers.tensor(norm + " rectified" + suffix, extent, channels));
  }

  Extent extent() {
    return extent;
  }

  /** Whether it is normalised by the batch and has gradients. */
  boolean trains() {
    return trains;
  }

  int channels() {
    return channels;
  }

  /** The rectified tensor of the forward pass. */
  ChannelSlice output() {
    return first.rectified;
  }

  /** The rectified tensor as the backward pass finds it. */
  ChannelSlice saved() {
    return saved.rectified;
  }

  /** The gradient of the rectified tensor: to be written before {@link #backward}. */
  ChannelSlice gradient() {
    return gradient;
  }

  List<Op> forward() {
    var ops = concatenation(first);
    long pixels = extent.pixels();
    var gamma = buffers.value(norm + ".weight");
    var beta = buffers.value(norm + ".bias");
    if (trains) {
      var running = buffers.running(norm);
      ops.add(
          new PlainOp.BnFprop(
              first.normalized, statistics, running.mean(), running.variance(), first.concatenated, gamma, beta,
              NetworkBuffers.BN_MOMENTUM, pixels, channels));
      ops.add(rectify(first));
    } else {
      ops.addAll(normalize(first));
    }
    return ops;
  }

  /** Makes what {@link #saved} and {@link #backward} read once more; nothing if it was kept. */
  List<Op> again() {
    if (saved == first) {
      return List.of();
    }
    var ops = concatenation(saved);
    ops.addAll(normalize(saved));
    return ops;
  }

  private List<Op> concatenation(Tensors to) {
    var ops = new ArrayList<Op>();
    if (sources.size() > 1) {
      long channel = 0;
      for (var source : sources) {
        ops.add(
            new PlainOp.ConcatAppend(
                to.concatenated.from(channel), source.value(), extent.pixels(), source.channels()));
        channel += source.channels();
      }
    }
    return ops;
  }

  private List<Op> normalize(Tensors to) {
    var gamma = buffers.value(norm + ".weight");
    var beta = buffers.value(norm + ".bias");
    return List.of(
        new PlainOp.BnInfer(to.normalized, to.concatenated, statistics, gamma, beta, extent.pixels(), channels),
        rectify(to));
  }

  private Op rectify(Tensors to) {
    return new PlainOp.ReluFprop(to.rectified, to.normalized, extent.pixels(), channels);
  }

  /** From {@link #gradient} to the gradients of gamma, beta and all sources that have one. */
  List<Op> backward() {
    long pixels = extent.pixels();
    var ops = new ArrayList<Op>();
    ops.add(new PlainOp.ReluDgrad(gradient, gradient, saved.normalized, pixels, channels));
    boolean direct = sources.size() == 1 && !accumulate && sources.getFirst().gradient() != null;
    var dx =
        direct
            ? sources.getFirst().gradient()
            : buffers.tensor(norm + " input gradient", extent, channels);
    ops.add(
        new PlainOp.BnDgrad(
            dx, buffers.gradient(norm + ".weight"), buffers.gradient(norm + ".bias"), gradient, saved.concatenated,
            statistics, buffers.value(norm + ".weight"), pixels, channels));
    if (!direct) {
      long channel = 0;
      for (var source : sources) {
        if (source.gradient() != null) {
          ops.add(
              new PlainOp.ConcatSplit(source.gradient(), dx.from(channel), pixels, source.channels(), accumulate));
        }
        channel += source.channels();
      }
    }
    return ops;
  }
}
