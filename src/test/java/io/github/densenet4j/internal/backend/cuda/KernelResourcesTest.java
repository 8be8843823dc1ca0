package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.KernelReports.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the compiled kernels use what they were designed for, on every architecture of the fatbin. */
@Tag("cuda")
class KernelResourcesTest {
  private static final int REGISTERS = 65536; // of a multiprocessor
  private static final int MOST_REGISTERS = 255; // of a thread
  private static final int ALLOCATED_REGISTERS = 8; // a thread gets a multiple of these
  private static final String DOCUMENTED_TOOLKIT = "13.0.";
  private static final Pattern MOVED = Pattern.compile("Moves (\\d+)\\sbytes");

  @Test
  void everyKernelIsCompiledForEveryArchitecture() throws IOException {
    var expected = new ArrayList<String>();
    for (String architecture : KernelReports.machineCode()) {
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

  /** As many threads as a kernel says, or as a multiprocessor has room for, or, of what is one block, that block. */
  @Test
  void registersSufficeForAllThreads() throws IOException {
    var resident = KernelReports.resident();
    assertThat(KernelReports.read())
        .isNotEmpty()
        .allSatisfy(
            report -> {
              boolean oneBlock = report.kernel().equals("dn_softmax_xent");
              int threads =
                  resident.getOrDefault(
                      report.kernel(), oneBlock ? 1024 : KernelReports.THREADS.get(report.architecture()));
              assertThat(report.registers())
                  .isLessThanOrEqualTo(
                      Math.min(MOST_REGISTERS, REGISTERS / threads / ALLOCATED_REGISTERS * ALLOCATED_REGISTERS));
            });
  }

  /** Registers are those of one compiler. */
  @Test
  void theDocumentedTableIsWhatWasCompiled() throws IOException {
    boolean sameCompiler = KernelReports.manifest().get("toolkit").toString().startsWith(DOCUMENTED_TOOLKIT);
    Map<String, Map<String, String>> table = table();
    assertThat(table.keySet()).containsExactlyInAnyOrderElementsOf(KernelReports.sources().keySet());
    for (Report report : KernelReports.read()) {
      Map<String, String> row = table.get(report.kernel());
      assertThat(row).as(report.kernel()).containsEntry("moved", moved(report.kernel()));
      assertThat(row).as(report.kernel()).containsKey("sm_90");
      if (sameCompiler && row.containsKey(report.architecture())) {
        assertThat(row)
            .as("docs/cuda-kernels.md of %s", report)
            .containsEntry(report.architecture(), Integer.toString(report.registers()))
            .containsEntry("shared", Integer.toString(report.shared()));
      }
    }
  }

  private static String moved(String kernel) throws IOException {
    var moved = MOVED.matcher(KernelReports.sources().get(kernel));
    assertThat(moved.find()).as("%s says how many bytes it moves", kernel).isTrue();
    return moved.group(1);
  }

  /** The table of docs/cuda-kernels.md: columns by their titles, by kernel. */
  private static Map<String, Map<String, String>> table() throws IOException {
    var table = new LinkedHashMap<String, Map<String, String>>();
    List<String> titles = List.of();
    for (String line : Files.readAllLines(Path.of("docs/cuda-kernels.md"))) {
      List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
      if (line.startsWith("| kernel | sm_")) {
        titles = cells;
      } else if (line.startsWith("| `dn_") && cells.size() == titles.size()) {
        var row = new LinkedHashMap<String, String>();
        for (int i = 2; i < cells.size(); i++) {
          row.put(titles.get(i), cells.get(i));
        }
        table.put(cells.get(1).replace("`", ""), row);
      }
    }
    return table;
  }
}
