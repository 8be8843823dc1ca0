package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.CudaOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How a GPU is used. */
final class CudaFlags {
  @Option(
      names = "--cuda-device",
      defaultValue = "0",
      paramLabel = "N",
      description = "which of the visible GPUs, from 0 (default: 0)")
  private int ordinal;

  @Option(
      names = "--cuda-tf32",
      description = "let tensor cores round the factors of convolutions to TF32: faster, three digits instead of seven")
  private boolean tf32;

  @Option(
      names = "--cuda-nondeterministic",
      description = "allow algorithms that give other last digits every time, which can be faster")
  private boolean nondeterministic;

  @Option(
      names = "--cuda-workspace",
      converter = ByteSize.class,
      defaultValue = "256MiB",
      paramLabel = "SIZE",
      description = "the most scratch memory of a convolution, if any algorithm does with it (default: 256MiB)")
  private long workspace;

  @Option(
      names = "--cuda-measure",
      description = "choose the algorithms of convolutions by trying them all, instead of by cuDNN's heuristics; the "
          + "choice, and with it the plan, may differ from run to run")
  private boolean measure;

  @Option(
      names = "--cuda-checked",
      description = "wait for every operation instead of running a step as one graph, so that an error names the "
          + "operation and not up to 16")
  private boolean checked;

  CudaOptions options() {
    return new CudaOptions(ordinal, tf32, !nondeterministic, checked, measure, workspace);
  }

  /** The same choice for another process. */
  List<String> arguments() {
    var arguments = new ArrayList<>(List.of("--cuda-device=" + ordinal, "--cuda-workspace=" + workspace));
    if (tf32) {
      arguments.add("--cuda-tf32");
    }
    if (nondeterministic) {
      arguments.add("--cuda-nondeterministic");
    }
    if (measure) {
      arguments.add("--cuda-measure");
    }
    if (checked) {
      arguments.add("--cuda-checked");
    }
    return arguments;
  }
}
