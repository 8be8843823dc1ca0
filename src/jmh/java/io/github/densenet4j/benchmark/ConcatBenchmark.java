package io.github.densenet4j.benchmark;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
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
 * What it takes to hand the outputs of all earlier layers to the next one of a dense block (32x32, k = 12, 24 channels
 * from the stem, batch 64): copying all of them into one tensor, against writing the last output into its slice of the
 * feature buffer, where the others lie already.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConcatBenchmark {
  private static final long PIXELS = 64L * 32 * 32;
  private static final int STEM = 24;
  private static final int GROWTH_RATE = 12;

  /** Layers before this one. */
  @Param({"4", "15"})
  public int layers;

  private Operations copy;
  private Operations slice;

  @Setup(Level.Trial)
  public void load() {
    long channels = STEM + (long) layers * GROWTH_RATE;
    var concatenation = Operations.tensor("concatenation", PIXELS, channels);
    var sources = new ArrayList<ChannelSlice>();
    var ops = new ArrayList<Op>();
    long channel = 0;
    for (int i = 0; i <= layers; i++) {
      int count = i == 0 ? STEM : GROWTH_RATE;
      var source = Operations.tensor("output " + i, PIXELS, count);
      sources.add(source);
      ops.add(new PlainOp.ConcatAppend(concatenation.from(channel), source, PIXELS, count));
      channel += count;
    }
    copy = new Operations(ops);
    sources.forEach(source -> copy.fill(source.data()));
    var features = Operations.tensor("features", PIXELS, channels);
    var last = Operations.tensor("output", PIXELS, GROWTH_RATE);
    slice =
        new Operations(
            List.of(new PlainOp.ConcatAppend(features.from(channels - GROWTH_RATE), last, PIXELS, GROWTH_RATE)));
    slice.fill(last.data());
  }

  @Benchmark
  public void copyAll() {
    copy.run();
  }

  @Benchmark
  public void writeSlice() {
    slice.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    copy.close();
    slice.close();
  }
}
