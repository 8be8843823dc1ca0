package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that a step needs has been allocated before it: in Java and in native code, with every strategy. */
class StepAllocationTest {
  private static final Path COUNTER = Path.of("build/native/test/libdensenet4j_count_allocations.so");
  private static final Duration LONGEST = Duration.ofMinutes(4);

  @TempDir private Path temporary;

  @Test
  void stepsAllocateNothing() throws Exception {
    assertThat(COUNTER).as("what counts allocations; scripts/build compiles it").isRegularFile();
    List<String> lines = Files.readAllLines(steppingProcess());
    assertThat(lines).first().asString().matches("first step: \\d+ bytes, [1-9]\\d* calls");
    assertThat(lines.subList(1, lines.size()))
        .isEqualTo(
            Lowerings.all().stream()
                .map(lowering -> new SteppingProcess.Allocated(lowering.label(), 0, 0).line())
                .toList());
  }

  /** Runs to its end; what it has printed. */
  private Path steppingProcess() throws Exception {
    Path log = temporary.resolve("log.txt");
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
            "-Xbatch", "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path"),
            SteppingProcess.class.getName(), COUNTER.toString());
    builder.environment().put("LD_PRELOAD", COUNTER.toString());
    var process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(LONGEST)).as("ended in time").isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
    return log;
  }
}
