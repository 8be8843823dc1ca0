package io.github.densenet4j.config;

/**
 * How a GPU is used.
 *
 * @param ordinal which of the visible devices, from 0
 * @param tf32 whether tensor cores may round the factors of convolutions and products to TF32
 * @param deterministic whether a step gives the same bits every time
 * @param checked whether every operation is waited for, so that an error names it alone; slow
 * @param measure whether algorithms are chosen by trying them when a program is planned, or by cuDNN's heuristics
 * @param workspaceLimit the most scratch memory of a convolution, bytes
 */
public record CudaOptions(
    int ordinal, boolean tf32, boolean deterministic, boolean checked, boolean measure, long workspaceLimit) {
  private static final long USUAL_WORKSPACE = 256L << 20;

  /** The first device, float32 throughout, the same bits every time, workspaces of up to 256 MiB. */
  public static final CudaOptions DEFAULT = new CudaOptions(0, false, true, false, false, USUAL_WORKSPACE);

  public CudaOptions withOrdinal(int ordinal) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  public CudaOptions withTf32(boolean tf32) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }

  public CudaOptions withChecked(boolean checked) {
    return new CudaOptions(ordinal, tf32, deterministic, checked, measure, workspaceLimit);
  }
}
