package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.cli.NightlyLog.Finding;
import io.github.densenet4j.internal.report.NightlyReport.Check;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a night makes of programs that are missing, do not work or hang; none of them computes anything. */
class NightlyChecksTest {
  @TempDir private Path folder;

  private static NightlyLog log(Duration limit) {
    var nowhere = new PrintStream(new ByteArrayOutputStream());
    return new NightlyLog(limit, Console.ofFiles(nowhere, nowhere));
  }

  private Path program(String body) throws IOException {
    Path file = Files.writeString(folder.resolve("program"), "#!/usr/bin/env bash\n" + body + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private Check underSanitizer(String body) throws IOException {
    var log = log(Duration.ofMinutes(1));
    new NightlyChecks("cuda-software", List.of(Path.of("a-case")), log)
        .sanitizer(program(body), NightlyVariant.ALL.getLast());
    return log.checks().getLast();
  }

  @Test
  void theSanitizerThatCannotWatchIsSkippedAndAnErrorIsAFailure() throws IOException {
    var sandboxed = underSanitizer("echo '========= Error: cannot attach to the process'; exit 1");
    assertThat(sandboxed.outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(sandboxed.detail()).contains("does not work here: Error: cannot attach to the process");
    var silent = underSanitizer("exit 255");
    assertThat(silent.outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(silent.detail()).contains("exit code 255");

    var found = underSanitizer("echo '========= Invalid __global__ read of size 4'; exit 86");
    assertThat(found.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(found.detail()).contains("Invalid __global__ read of size 4");
    assertThat(underSanitizer("echo 'densenet4j: no memory' >&2; exit 1").outcome()).isEqualTo(Outcome.FAIL);
    assertThat(underSanitizer("echo '{\"pass\": false}'; exit 1").outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void theSanitizerIsNotAskedForErrorsThatCallersHandle() throws IOException {
    underSanitizer("printf '%s\\n' \"$@\" >'" + folder.resolve("arguments") + "'");
    assertThat(Files.readAllLines(folder.resolve("arguments")))
        .startsWith("--tool=memcheck", "--report-api-errors=no")
        .contains("--strategy=fused", "--precision=bf16", "a-case");
  }

  @Test
  void aStrategyThatLacksAPartIsSkippedByItsStateNotByItsWords() {
    var log = log(Duration.ofMinutes(1));
    var checks = new NightlyChecks("cuda", List.of(Path.of("no-case")), log);
    var verdicts = new LinkedHashMap<String, Object>();
    verdicts.put("naive", StrategyVerdict.lacking("cuDNN 9 was not found: install it").object());
    verdicts.put("shared", StrategyVerdict.tried("cuDNN 9 was not found: install it").object());
    checks.read(Map.of("cuda_strategies", verdicts));
    assertThat(checks.verify(NightlyVariant.ALL.getFirst())).isFalse();
    assertThat(checks.verify(NightlyVariant.ALL.get(2))).isFalse();
    assertThat(log.checks()).extracting(Check::outcome).containsExactly(Outcome.SKIPPED, Outcome.FAIL);
    assertThat(log.checks().getFirst().detail()).isEqualTo("cuDNN 9 was not found: install it");
  }

  @Test
  void afterTwoThatHangTheRestIsLeftOut() throws IOException {
    var log = log(Duration.ofSeconds(1));
    var hanging = new CommandProcess(List.of(program("sleep 600").toString()));
    for (String name : List.of("first", "second", "third")) {
      log.make(name, () -> Finding.fail(log.run(hanging).sentence()));
    }
    assertThat(log.hopeless()).isTrue();
    assertThat(log.checks()).extracting(Check::outcome)
        .containsExactly(Outcome.FAIL, Outcome.FAIL, Outcome.SKIPPED);
    assertThat(log.checks().getFirst().detail()).contains("took longer than");
  }

  @Test
  void pytorchThatIsNotHereIsOneSentence() throws IOException {
    var script = CommandRun.of(new CommandProcess(
        List.of("env", "CUDA_VISIBLE_DEVICES=", "python3", "scripts/lib/bench_pytorch.py", "--batch-size=2")));
    assertThat(script.exitCode()).isEqualTo(3);
    assertThat(script.out()).isEmpty();
    assertThat(script.err()).startsWith("PyTorch ").contains(": install").hasLineCount(1);

    assertThat(pytorch("print('PyTorch is not here', file=sys.stderr)\nsys.exit(3)"))
        .isEqualTo(new Check("PyTorch", Outcome.SKIPPED, "PyTorch is not here"));
    assertThat(pytorch("sys.exit('out of memory')").outcome()).isEqualTo(Outcome.SKIPPED);
  }

  private Check pytorch(String body) throws IOException {
    var log = log(Duration.ofMinutes(1));
    Path script = Files.writeString(folder.resolve("script.py"), "import sys\n" + body + "\n");
    assertThat(new NightlyPytorch(log, script, "cuda-software", List.of()).measure()).isEmpty();
    return log.checks().getLast();
  }
}
