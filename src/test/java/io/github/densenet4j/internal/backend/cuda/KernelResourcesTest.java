package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.KernelReports.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the compiled kernels use what they were designed for, on every architecture of the fatbin. */
@Tag("cuda")
class KernelResourcesTest {
  private static final int REGISTERS = 65536; // of a multiprocessor
  private static final int ALLOCATED_REGISTERS = 8; // a thread gets a multiple of these
  private static final Pattern MOVED = Pattern.compile("Moves (\\d+)\\sbytes");

  @Test
  void everyKernelIsCompiledForEveryArchitecture() throws IOException {
    var expected = new ArrayList<String>();
    for (String architecture : KernelReports.THREADS.keySet()) {
      for (String kernel : KernelReports.sources().keySet()) {
        expected.add(kernel + " " + architecture);
      }
    }
    assertThat(KernelReports.read())
        .extracting(report -> report.kernel() + " " + report.architecture())
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void nothingIsInLocalMemory() throws IOException {
    assertThat(KernelReports.read())
        .isNotEmpty()
        .allSatisfy(
            report -> {
              assertThat(report.stack()).isZero();
              assertThat(report.spillStores()).isZero();
              assertThat(report.spillLoads()).isZero();
            });
  }

  /** As many threads as a multiprocessor has room for, or, of the kernel that is one block, that block. */
  @Test
  void registersSufficeForAllThreads() throws IOException {
    assertThat(KernelReports.read())
        .isNotEmpty()
        .allSatisfy(
            report -> {
              boolean oneBlock = report.kernel().equals("dn_softmax_xent");
              int threads = oneBlock ? 1024 : KernelReports.THREADS.get(report.architecture());
              assertThat(report.registers())
                  .isLessThanOrEqualTo(REGISTERS / threads / ALLOCATED_REGISTERS * ALLOCATED_REGISTERS);
            });
  }

  @Test
  void theDocumentedTableIsWhatWasCompiled() throws IOException {
    String table = table(KernelReports.read());
    assertThat(Files.readString(Path.of("docs/cuda-kernels.md")))
        .as("docs/cuda-kernels.md is to have this table:%n%s", table)
        .contains(table);
  }

  private static String table(List<Report> reports) throws IOException {
    var architectures = KernelReports.THREADS.keySet();
    var table = new StringBuilder("| kernel | " + String.join(" | ", architectures) + " | shared | moved |\n");
    table.append("|---|").append("---:|".repeat(architectures.size() + 2)).append('\n');
    for (var source : KernelReports.sources().entrySet()) {
      List<Report> rows = reports.stream().filter(report -> report.kernel().equals(source.getKey())).toList();
      var moved = MOVED.matcher(source.getValue());
      assertThat(moved.find()).as("%s says how many bytes it moves", source.getKey()).isTrue();
      table.append("| `").append(source.getKey()).append("` |");
      rows.forEach(row -> table.append(' ').append(row.registers()).append(" |"));
      table.append(' ').append(rows.stream().mapToInt(Report::shared).max().orElseThrow()).append(" | ");
      table.append(moved.group(1)).append(" |\n");
    }
    return table.toString();
  }
}
