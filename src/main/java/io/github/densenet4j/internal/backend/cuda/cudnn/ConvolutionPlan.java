package io.github.densenet4j.internal.backend.cuda.cudnn;

/**
 * How a convolution of certain shapes is done.
 *
 * @param algorithm one of the direction's enum
 * @param workspaceBytes what it needs while it runs
 * @param deterministic whether it gives the same bits every time
 */
public record ConvolutionPlan<A>(A algorithm, long workspaceBytes, boolean deterministic, MathType math) {}
