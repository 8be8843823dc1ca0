package io.github.densenet4j.benchmark;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.backend.StepProfile;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.program.Lowerings;
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
 * One training step by strategy fused on a GPU: as one graph, against the same kernels launched one by one, an event
 * after each operation. The difference is what launches cost.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class CudaStepBenchmark {
  private static final double LEARNING_RATE = 1e-3;

  /** Or cuda-software, whose times say nothing of a GPU. */
  @Param({"cuda"})
  public String device;

  @Param({"bc-100-12", "densenet121"})
  public String model;

  @Param({"BFLOAT16", "FLOAT32"})
  public Precision precision;

  @Param({"64"})
  public int batch;

  private CudaBackend backend;
  private NetworkSession session;
  private StepProfile times;
  private long step;

  @Setup(Level.Trial)
  public void load() {
    backend = Gpu.named(device);
    var lowering = Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, precision);
    session = Networks.loaded(backend, lowering, DenseNetConfig.named(model), batch);
    times = new StepProfile(session.program(), false);
  }

  @Benchmark
  public double graph() {
    session.step(LEARNING_RATE, step++, 1);
    return session.loss();
  }

  @Benchmark
  public double launches() {
    session.step(LEARNING_RATE, step++, 1, times);
    return session.loss();
  }

  @TearDown(Level.Trial)
  public void close() {
    session.close();
    backend.close();
  }
}
