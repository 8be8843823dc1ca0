package io.github.densenet4j.internal.cli;

import java.util.Collections;
import java.util.List;

/** Kernels beside the ceiling as a page of Markdown. */
final class BenchKernelMarkdown {
  private final StringBuilder text = new StringBuilder();

  /**
   * @param setting the device and how it is used
   * @param ceiling what it can do at most, or that it was not measured
   * @param command that was run
   */
  BenchKernelMarkdown(String setting, String ceiling, String command) {
    text.append("# Kernels\n\n");
    text.append("densenet4j ").append(Version.current()).append(" on ").append(setting).append(".\n\n");
    text.append("Ceiling: ").append(ceiling).append(".\n\n");
    text.append("```sh\ndensenet4j ").append(command).append("\n```\n");
  }

  /** Adds a network, its kernels by shape. */
  BenchKernelMarkdown with(BenchKernelTimes times) {
    text.append("\n## ").append(BenchKernelFigures.title(times)).append("\n\n");
    var rows = BenchKernelFigures.rows(times, true);
    row(rows.getFirst());
    row(Collections.nCopies(rows.getFirst().size(), "---"));
    rows.stream().skip(1).forEach(this::row);
    return this;
  }

  private void row(List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
