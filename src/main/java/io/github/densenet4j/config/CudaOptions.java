package io.github.densenet4j.config;

import io.github.densenet4j.error.ConfigurationException;

/**
 * How a GPU is used; start from {@link #DEFAULT}.
 *
 * @param ordinal which of the visible devices, from 0
 * @param tf32 whether tensor cores may round the float32 factors of convolutions and products to TF32
 * @param deterministic whether a step gives the same bits every time
 * @param checked whether every operation is waited for, so that an error names it alone; slow
 * @param measure whether algorithms are chosen by trying them when a program is planned, or by cuDNN's heuristics
 * @param workspaceLimit the most scratch memory of a convolution, bytes; more only where no algorithm does with it
 * @since 0.1
 */
public record CudaOptions(
    int ordinal, boolean tf32, boolean deterministic, boolean checked, boolean measure, long workspaceLimit) {
  private static final long USUAL_WORKSPACE = 256L << 20;

  /** The first device, float32 throughout, the same bits every time, workspaces of up to 256 MiB. */
  public static final CudaOptions DEFAULT = new CudaOptions(0, false, true, false, false, USUAL_WORKSPACE);

  /**
   * Checks the numbers.
   *
   * @throws ConfigurationException if {@code ordinal} or {@code workspaceLimit} is negative
   */
  public CudaOptions {
    if (ordinal < 0) {
      throw new ConfigurationException("CUDA device is " + ordinal + ", it must be at least 0", "CUDA device");
    }
    if (workspaceLimit < 0) {
      throw new ConfigurationException(
          "workspace limit is " + workspaceLimit + " bytes, it must be at least 0", "workspace limit");
    }
  }

  /**
   * {@return the same on another device}
   *
   * @param ordinal from 0
   */
  public CudaOptions withOrdinal(int ordinal) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  /**
   * {@return the same with or without TF32}
   *
   * @param tf32 whether it is allowed
   */
  public CudaOptions withTf32(boolean tf32) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  /**
   * {@return the same with or without the promise of equal bits}
   *
   * @param deterministic whether it is promised
   */
  public CudaOptions withDeterministic(boolean deterministic) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  /**
   * {@return the same with or without waiting for every operation}
   *
   * @param checked whether to wait
   */
  public CudaOptions withChecked(boolean checked) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  /**
   * {@return the same with algorithms that are tried or not}
   *
   * @param measure whether to try
   */
  public CudaOptions withMeasure(boolean measure) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  /**
   * {@return the same with another limit of scratch memory, bytes}
   *
   * @param bytes at least 0
   */
  public CudaOptions withWorkspaceLimit(long bytes) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, bytes);
  }
}
