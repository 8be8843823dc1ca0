package io.github.densenet4j.benchmark;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
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

/** One training step, batch 64, by each strategy. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 2)
@Measurement(iterations = 3, time = 4)
public class TrainingStepBenchmark {
  private static final int BATCH = 64;
  private static final double LEARNING_RATE = 1e-3;

  @Param({"bc-100-12"})
  public String model;

  @Param({"fused", "fused minimal", "shared", "naive"})
  public String strategy;

  private NetworkSession session;
  private long step;

  @Setup(Level.Trial)
  public void load() {
    var config = DenseNetConfig.named(model);
    session = Networks.loaded(new CpuBackend(CpuBackend.processors()), Operations.lowering(strategy), config, BATCH);
  }

  @Benchmark
  public double step() {
    session.step(LEARNING_RATE, step++, 1);
    return session.loss();
  }

  @TearDown(Level.Trial)
  public void close() {
    session.close();
  }
}
