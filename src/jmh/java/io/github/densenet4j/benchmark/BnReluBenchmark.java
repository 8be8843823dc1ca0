package io.github.densenet4j.benchmark;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Statistics;
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
 * BN, ReLU and the 1x1 convolution to 48 channels of a dense layer (32x32, batch 64): normalised and rectified tensors
 * stored, against applied while the convolution loads its operand. Both fold BN's parameters into a scale and a shift.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BnReluBenchmark {
  private static final Extent EXTENT = new Extent(64, 32, 32);
  private static final long BOTTLENECK = 48;

  /** Channels of the input. */
  @Param({"72", "204"})
  public long channels;

  private Operations stored;
  private Operations prologue;

  @Setup(Level.Trial)
  public void load() {
    long pixels = EXTENT.pixels();
    var x = Operations.tensor("x", pixels, channels);
    var y = Operations.tensor("y", pixels, BOTTLENECK);
    var normalized = Operations.tensor("normalised", pixels, channels);
    var rectified = Operations.tensor("rectified", pixels, channels);
    var mean = Operations.floats("mean", channels);
    var variance = Operations.floats("variance", channels);
    var gamma = Operations.floats("gamma", channels);
    var beta = Operations.floats("beta", channels);
    var weight = Operations.floats("weight", channels * BOTTLENECK);
    stored =
        new Operations(
            List.of(
                new PlainOp.BnInfer(
                    normalized, x, new Statistics(mean, variance), gamma, beta, pixels, channels),
                new PlainOp.ReluFprop(rectified, normalized, pixels, channels),
                new PlainOp.ConvFprop(y, rectified, weight, EXTENT, channels, BOTTLENECK, 1, 1, 0)));
    var affine = new Affine(Operations.floats("scale", channels), Operations.floats("shift", channels));
    var dropout = new Dropout(Operations.floats("control", 6), 0, 0);
    prologue =
        new Operations(
            List.of(
                new FusedOp.BnFold(affine, mean, variance, gamma, beta, channels),
                new FusedOp.BnReluConv1x1Fprop(
                    y, Statistics.NONE, x, affine, weight, dropout, EXTENT, channels, BOTTLENECK)));
    for (var operations : List.of(stored, prologue)) {
      operations.fill(x.data());
      operations.fill(weight);
    }
  }

  @Benchmark
  public void stored() {
    stored.run();
  }

  @Benchmark
  public void prologue() {
    prologue.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    stored.close();
    prologue.close();
  }
}
