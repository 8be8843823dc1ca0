package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;
import java.util.Optional;

/**
 * What an algorithm may do.
 *
 * @param workspaceLimit bytes, which only an algorithm without an alternative may exceed
 * @param deterministic whether only algorithms count that give the same bits every time
 * @param tf32 whether tensor cores may round the factors to TF32
 */
public record PlannerOptions(long workspaceLimit, boolean deterministic, boolean tf32) {
  public PlannerOptions {
    if (workspaceLimit < 0) {
      throw new ConfigurationException("the workspace limit is " + workspaceLimit + " bytes, it must be at least 0");
    }
  }

  MathType math() {
    return tf32 ? MathType.DEFAULT_MATH : MathType.FMA_MATH;
  }

  /** The math of a candidate. Without TF32 it is set, whatever cuDNN reports; with it, empty if it is unknown here. */
  Optional<MathType> math(AlgorithmPerformance candidate) {
    return tf32 ? NativeConstant.of(MathType.class, candidate.math()) : Optional.of(MathType.FMA_MATH);
  }

  boolean allows(AlgorithmPerformance candidate) {
    return candidate.status() == CudnnStatus.SUCCESS.value() && (candidate.deterministic() || !deterministic);
  }

  @Override
  public String toString() {
    return (deterministic ? "deterministic, " : "") + (tf32 ? "" : "without TF32, ") + "workspace of at most "
        + workspaceLimit + " bytes";
  }
}
