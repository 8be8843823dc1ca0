package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What ptxas said of the GPU's kernels when they were compiled. */
final class KernelReports {
  /** Threads that a multiprocessor of each architecture has room for which there can be machine code in the fatbin. */
  static final Map<String, Integer> THREADS = new LinkedHashMap<>();

  static {
    THREADS.put("sm_80", 2048);
    THREADS.put("sm_86", 1536);
    THREADS.put("sm_89", 1536);
    THREADS.put("sm_90", 2048);
    THREADS.put("sm_100", 2048);
    THREADS.put("sm_120", 1536);
  }

  private static final Path SOURCES = Path.of("native/cuda");
  private static final Path REPORTS = Path.of("build/native/cuda/ptxas");
  private static final Path MANIFEST = Path.of("build/native/lib/densenet4j.fatbin.json");
  private static final Pattern DECLARED =
      Pattern.compile("__global__ void (?:__launch_bounds__\\((?:(\\d+), (\\d+)|[^)]*)\\)\\s+)?(dn_\\w+)\\(");
  private static final Pattern KERNEL =
      Pattern.compile(
          "Compiling entry function '(\\w+)' for '(\\w+)'.*\\R.*\\R"
              + "\\s*(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads\\R"
              + ".*Used (\\d+) registers(?:.*?, (\\d+) bytes smem)?");

  /** Bytes unless said otherwise. */
  record Report(
      String kernel, String architecture, int stack, int spillStores, int spillLoads, int registers, int shared) {}

  private KernelReports() {}

  /** The toolkit and the architectures that the fatbin was compiled by and for. */
  static Map<String, Object> manifest() {
    return Json.read(MANIFEST);
  }

  /** PTX and machine code, such as {@code compute_80} and {@code sm_90}. */
  static List<String> architectures() {
    return ((List<?>) manifest().get("architectures")).stream().map(String.class::cast).toList();
  }

  static List<String> machineCode() {
    return architectures().stream().filter(architecture -> architecture.startsWith("sm_")).toList();
  }

  /** Of all kernels and architectures. Fails the test if the kernels have not been compiled here. */
  static List<Report> read() throws IOException {
    if (!Files.isDirectory(REPORTS)) {
      return RequiredCuda.missing(
          REPORTS + " comes with compiling the GPU's kernels and is missing: install nvcc of CUDA 13, run scripts/build");
    }
    var reports = new ArrayList<Report>();
    for (String architecture : machineCode()) {
      var kernel = KERNEL.matcher(Files.readString(REPORTS.resolve(architecture + ".txt")));
      while (kernel.find()) {
        reports.add(
            new Report(
                kernel.group(1), kernel.group(2), Integer.parseInt(kernel.group(3)), Integer.parseInt(kernel.group(4)),
                Integer.parseInt(kernel.group(5)), Integer.parseInt(kernel.group(6)),
                kernel.group(7) == null ? 0 : Integer.parseInt(kernel.group(7))));
      }
    }
    return reports;
  }

  /** The source of each kernel, by its name: one operation a file, of which there may be several kernels. */
  static Map<String, String> sources() throws IOException {
    var sources = new LinkedHashMap<String, String>();
    eachKernel((kernel, source) -> sources.put(kernel.group(3), source));
    return sources;
  }

  /** Threads that a multiprocessor is to have room for, by kernel: those that say it in numbers. */
  static Map<String, Integer> resident() throws IOException {
    var resident = new LinkedHashMap<String, Integer>();
    eachKernel(
        (kernel, source) -> {
          if (kernel.group(1) != null) {
            resident.put(kernel.group(3), Integer.parseInt(kernel.group(1)) * Integer.parseInt(kernel.group(2)));
          }
        });
    return resident;
  }

  private static void eachKernel(BiConsumer<MatchResult, String> into) throws IOException {
    try (var files = Files.list(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cu")).sorted().toList()) {
        String source = Files.readString(file);
        DECLARED.matcher(source).results().forEach(kernel -> into.accept(kernel, source));
      }
    }
  }
}
