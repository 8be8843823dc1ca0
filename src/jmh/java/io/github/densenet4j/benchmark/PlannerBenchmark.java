package io.github.densenet4j.benchmark;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.Collections;
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
import org.openjdk.jmh.annotations.Warmup;

/** Lowering and planning of a DenseNet-BC (k = 12, three blocks) for training, batch 64. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlannerBenchmark {
  @Param({"16", "66"})
  public int layersPerBlock;

  @Param({"fused", "fused minimal", "shared", "naive"})
  public String strategy;

  private final Backend backend = new CpuBackend(CpuBackend.processors());
  private DenseNetConfig config;
  private Lowering lowering;
  private Program program;

  @Setup(Level.Trial)
  public void lowerOnce() {
    var blocks = Collections.nCopies(3, layersPerBlock);
    config = new DenseNetConfig("bc", 12, blocks, 24, 4, 0.5, 0, Stem.CIFAR, 3, 32, 10);
    lowering = Operations.lowering(strategy);
    program = lower();
  }

  @Benchmark
  public Program lower() {
    return lowering.lower(config, Workload.training(64, 0.9, 1e-4));
  }

  @Benchmark
  public ArenaPlan plan() {
    return backend.plan(program);
  }
}
