package io.github.densenet4j;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.KernelCount;
import io.github.densenet4j.internal.backend.LargestBatch;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.network.FrozenNames;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.report.MemoryTimeline;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * What a network needs on a device before anything is allocated there: all of it is one allocation of
 * {@link #totalBytes}, made once, and nothing is allocated in a step. Immutable; a pure function of what it was made of.
 *
 * @since 0.1
 */
public final class MemoryPlan {
  private static final double MOMENTUM = 0.9; // any: the plan does not depend on it
  private static final double WEIGHT_DECAY = 1e-4;

  private final Backend backend;
  private final Program program;
  private final ArenaPlan plan;

  private MemoryPlan(DenseNetConfig config, Workload workload, Strategy strategy, MemoryLevel level,
      Precision precision, Device device) {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(strategy, "strategy");
    Objects.requireNonNull(level, "level");
    Objects.requireNonNull(precision, "precision");
    backend = Objects.requireNonNull(device, "device").backend();
    program = Lowerings.of(strategy, level, precision).lower(config, workload);
    plan = backend.plan(program);
  }

  /**
   * Plans training.
   *
   * @param config the network
   * @param batch images in a step, at least 1
   * @param strategy how it is computed
   * @param level what is kept for the backward pass
   * @param precision how feature maps are stored
   * @param device where; must be open while the plan is asked
   * @return the plan
   * @throws ConfigurationException if the strategy has no such memory level or precision, the device no kernels for it,
   *     or the network cannot have such a batch
   */
  public static MemoryPlan of(DenseNetConfig config, int batch, Strategy strategy, MemoryLevel level,
      Precision precision, Device device) {
    return of(config, batch, strategy, level, precision, device, _ -> false);
  }

  /**
   * Plans training with frozen parameters; otherwise as {@link #of(DenseNetConfig, int, Strategy, MemoryLevel,
   * Precision, Device)}.
   *
   * @param config the network
   * @param batch images in a step, at least 1
   * @param strategy how it is computed
   * @param level what is kept for the backward pass
   * @param precision how feature maps are stored
   * @param device where; must be open while the plan is asked
   * @param frozen whether a parameter is frozen, as {@link Trainer#freeze} is told it
   * @return the plan
   * @throws ConfigurationException also if no parameter is left to train
   */
  public static MemoryPlan of(DenseNetConfig config, int batch, Strategy strategy, MemoryLevel level,
      Precision precision, Device device, Predicate<String> frozen) {
    Objects.requireNonNull(config, "config");
    var workload = Workload.training(batch, MOMENTUM, WEIGHT_DECAY, FrozenNames.of(config, frozen));
    return new MemoryPlan(config, workload, strategy, level, precision, device);
  }

  /**
   * Plans inference; otherwise as training. What a {@link Predictor} holds is said there.
   *
   * @param config the network
   * @param batch images that are computed at a time, at least 1
   * @param strategy how it is computed
   * @param precision how feature maps are stored
   * @param device where; must be open while the plan is asked
   * @return the plan
   */
  public static MemoryPlan ofInference(
      DenseNetConfig config, int batch, Strategy strategy, Precision precision, Device device) {
    return new MemoryPlan(
        config, Workload.inference(batch), strategy, MemoryLevel.DEFAULT, precision, device);
  }

  /** {@return the size of the one allocation, bytes} */
  public long totalBytes() {
    return plan.totalBytes();
  }

  /**
   * {@return the bytes of each category, which add up to the total} These are {@code parameters}, {@code gradients},
   * {@code optimizer}, {@code activations}, {@code workspace} and {@code staging}.
   */
  public SequencedMap<String, Long> bytesByCategory() {
    return Collections.unmodifiableSequencedMap(plan.bytesByLabel());
  }

  /** {@return the most bytes that are in use at one time; no plan can be smaller} */
  public long lowerBoundBytes() {
    return plan.lowerBoundBytes();
  }

  /** {@return what the device takes besides the plan, bytes by what it is; empty if that is nothing worth telling} */
  public SequencedMap<String, Long> besidesBytes() {
    return Collections.unmodifiableSequencedMap(backend.besidesPlan(program));
  }

  /**
   * A part of the network.
   *
   * @param name such as {@code stem}, {@code block 1} or {@code transition 1}
   * @param mostBytes the most that its tensors take at one time
   * @param bytesAtPeak what they take at the plan's {@link Peak}
   */
  public record Part(String name, long mostBytes, long bytesAtPeak) {}

  /** {@return the parts of the network, in order of first use} */
  public List<Part> parts() {
    return plan.stages().stream()
        .map(stage -> new Part(stage.stage(), stage.most(), stage.atPeak()))
        .toList();
  }

  /**
   * The operation at which most bytes are in use.
   *
   * @param index its place among all, from 0
   * @param operation what it does, such as {@code bnrelu_conv3x3_fprop}
   * @param phase to which it belongs, such as {@code forward}
   * @param part of the network that it works on; empty if there is none
   * @param bytes in use, {@link #lowerBoundBytes}
   */
  public record Peak(int index, String operation, String phase, String part, long bytes) {
    @Override
    public String toString() {
      return operation + (part.isEmpty() ? "" : " of " + part) + ", " + phase;
    }
  }

  /** {@return where most bytes are in use} */
  public Peak peak() {
    var peak = plan.peak();
    return new Peak(
        peak.index(), peak.op().stem(), peak.phase().name().toLowerCase(Locale.ROOT), peak.stage(), peak.bytes());
  }

  /** {@return the number of learnable values} */
  public long parameterCount() {
    return program.parameters().learnableCount();
  }

  /** {@return the number of operations of a step} */
  public int operations() {
    return program.step().size();
  }

  /** {@return the least bytes that a step moves} */
  public long trafficBytes() {
    return program.trafficBytes();
  }

  /** {@return the multiplications and additions of a step's convolutions and matrix products} */
  public long flops() {
    return program.flops();
  }

  /**
   * {@return the kernels of a step that run one after the other; empty where that is not known, as on the processor}
   * Kernels of weights' gradients that run beside them are not among these.
   */
  public OptionalInt kernels() {
    return backend.kernels(program).stream().mapToInt(KernelCount::path).findFirst();
  }

  /** {@return the kernels of a step that run beside those of {@link #kernels}; empty where these are} */
  public OptionalInt kernelsBeside() {
    return backend.kernels(program).stream().mapToInt(KernelCount::beside).findFirst();
  }

  /**
   * {@return the seconds below which no device with such limits comes in a step: of every operation the longer of its
   * arithmetic and its least traffic}
   *
   * @param bytesPerSecond that the device moves at most
   * @param flopsPerSecond multiplications and additions that it does at most
   */
  public double leastSeconds(double bytesPerSecond, double flopsPerSecond) {
    return program.step().stream()
        .mapToDouble(op -> Math.max(op.trafficBytes() / bytesPerSecond, op.flops() / flopsPerSecond))
        .sum();
  }

  /**
   * {@return the largest batch whose plan, otherwise like this one, has at most {@code limitBytes}; 0 if none has} Plans a
   * few batches; allocates nothing.
   *
   * @param limitBytes the most that the plan may have
   */
  public int largestBatch(long limitBytes) {
    return LargestBatch.of(backend, program.lowering(), program.config(), program.workload(), limitBytes);
  }

  /**
   * Draws the allocation over the operations: the picture alone if the name ends in {@code .svg}, otherwise a page.
   *
   * @param file is replaced if it is there
   * @throws CheckpointException if the file cannot be written
   */
  public void writeTimeline(Path file) {
    MemoryTimeline.write(
        Objects.requireNonNull(file, "file"), PlanTimeline.of(program, plan, peak(), backend.name()));
  }

  /** {@return a table of the bytes by category, for people} */
  @Override
  public String toString() {
    var text = new StringBuilder(PlanTimeline.title(program)).append(" on ").append(backend.name()).append('\n');
    bytesByCategory().forEach((category, bytes) -> row(text, category, bytes));
    row(text, "total", totalBytes());
    row(text, "lower bound", lowerBoundBytes());
    return text.toString();
  }

  private static void row(StringBuilder text, String label, long bytes) {
    text.append(String.format(Locale.ROOT, "%-12s %10s%n", label, Figures.bytes(bytes)));
  }
}
