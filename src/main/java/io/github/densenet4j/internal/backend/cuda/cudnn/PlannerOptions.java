package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.ConfigurationException;

/**
 * What an algorithm may do.
 *
 * @param workspaceLimit bytes
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

  boolean allows(AlgorithmPerformance candidate) {
    return candidate.status() == CudnnStatus.SUCCESS.value()
        && candidate.workspaceBytes() <= workspaceLimit
        && (candidate.deterministic() || !deterministic)
        && (tf32 || candidate.math() == MathType.FMA_MATH.value());
  }

  @Override
  public String toString() {
    return (deterministic ? "deterministic, " : "") + (tf32 ? "" : "without TF32, ") + "workspace of at most "
        + workspaceLimit + " bytes";
  }
}
