package io.github.densenet4j.benchmark;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The 1x1 convolution of a layer on a GPU (32x32, k = 12, 24 channels from the stem, float32), whose input is the
 * outputs of all earlier layers: copied into one tensor first, against read where they lie, as a prefix of the block's
 * feature buffer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CudaConcatBenchmark {
  private static final int STEM = 24;
  private static final int GROWTH_RATE = 12;
  private static final int LAYERS = 16;
  private static final int BOTTLENECK = 48;

  /** Or cuda-software, whose times say nothing of a GPU. */
  @Param({"cuda"})
  public String device;

  /** Layers before this one. */
  @Param({"4", "15"})
  public int layers;

  @Param({"64"})
  public int batch;

  private Operations copy;
  private Operations prefix;

  @Setup(Level.Trial)
  public void load() {
    var extent = new Extent(batch, 32, 32);
    long channels = STEM + (long) layers * GROWTH_RATE;
    var concatenation = Operations.tensor("concatenation", extent.pixels(), channels);
    var ops = new ArrayList<Op>();
    var sources = new ArrayList<ChannelSlice>();
    long channel = 0;
    for (int i = 0; i <= layers; i++) {
      int count = i == 0 ? STEM : GROWTH_RATE;
      var source = Operations.tensor("output " + i, extent.pixels(), count);
      sources.add(source);
      ops.add(new PlainOp.ConcatAppend(concatenation.from(channel), source, extent.pixels(), count));
      channel += count;
    }
    ops.addAll(convolution(concatenation, extent, channels));
    copy = new Operations(Gpu.named(device), ops);
    sources.forEach(source -> copy.fill(source.data()));
    copy.fill(Operations.parameters());
    var features = Operations.tensor("features", extent.pixels(), STEM + LAYERS * GROWTH_RATE);
    prefix = new Operations(Gpu.named(device), convolution(features, extent, channels));
    prefix.fill(features.data());
    prefix.fill(Operations.parameters());
  }

  private static List<Op> convolution(ChannelSlice x, Extent extent, long channels) {
    var affine = new Affine(Operations.floats("scale", channels), Operations.floats("shift", channels));
    return List.of(
        new FusedOp.BnFold(
            affine, Operations.floats("mean", channels), Operations.floats("variance", channels),
            Operations.floats("gamma", channels), Operations.floats("beta", channels), channels),
        new FusedOp.BnReluConv1x1Fprop(
            Operations.tensor("y", extent.pixels(), BOTTLENECK), Statistics.NONE, x, affine, Operations.parameters(),
            new Dropout(Operations.floats("control", 6), 0, 0), extent, channels, BOTTLENECK));
  }

  @Benchmark
  public void copyFirst() {
    copy.run();
  }

  @Benchmark
  public void readPrefix() {
    prefix.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    copy.close();
    prefix.close();
  }
}
