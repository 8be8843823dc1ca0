package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import io.github.densenet4j.internal.report.NightlyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nights on the software device. Its speed here means nothing, so that a figure may lose nearly all of it. */
@Tag("cuda")
@Tag("slow")
class NightlyCommandTest {
  private static final List<String> TINY =
      List.of(
          "nightly", "--device=cuda-software", "--case=src/test/resources/reference/cifar_bc_small.safetensors",
          "--growth-rate=4", "--block-config=1", "--image-size=8", "--batch-size=2", "--steps=1", "--rounds=1",
          "--speed-margin=0.99");

  @TempDir private static Path folder;
  private static CommandRun first;

  private static final String FAKE_PYTORCH =
      """
      import sys
      print('{"program": "PyTorch 9, ' + sys.argv[-2][9:] + '", "arithmetic": "' + sys.argv[-1][13:] + '", '
            '"images_per_second": 12.5, "bytes": null}')
      """;

  private static CommandRun night(Path out, String... more) {
    var args = new ArrayList<>(TINY);
    args.add("--out=" + out);
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  @BeforeAll
  static void firstNight() throws IOException {
    SoftwareDevice.required();
    Path kernels = program("kernels", "echo a device");
    Path sanitizer = program("sanitizer", "while [[ $1 == --* ]]; do shift; done; exec \"$@\"");
    Path pytorch = Files.writeString(folder.resolve("pytorch.py"), FAKE_PYTORCH);
    first =
        night(
                folder.resolve("first"), "--kernels-test=" + kernels, "--sanitizer=" + sanitizer,
                "--pytorch=" + pytorch)
            .done();
  }

  private static Path program(String name, String body) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/usr/bin/env bash\n" + body + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static List<Path> reports(Path out) throws IOException {
    try (var files = Files.list(out)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static NightlyReport last(Path out) throws IOException {
    return NightlyReport.read(reports(out).getLast());
  }

  private static Path copyOfFirst(String name) throws IOException {
    Path out = Files.createDirectory(folder.resolve(name));
    Path report = reports(folder.resolve("first")).getFirst();
    return Files.copy(report, out.resolve(report.getFileName()));
  }

  @Test
  void aFirstNightChecksAndMeasures() throws IOException {
    var report = last(folder.resolve("first"));
    assertThat(report.pass()).isTrue();
    assertThat(report.checks())
        .extracting(NightlyReport.Check::name)
        .containsExactly(
            "doctor", "verify naive", "verify shared", "verify fused", "verify fused bf16", "kernels",
            "compute-sanitizer", "bench naive", "bench naive TF32", "bench shared", "bench shared TF32", "bench fused",
            "bench fused TF32", "bench fused bf16", "PyTorch", "comparison");
    assertThat(report.checks().subList(0, 15)).extracting(NightlyReport.Check::outcome).containsOnly(Outcome.PASS);
    assertThat(report.checks().getLast().outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(report.figures())
        .extracting(figure -> figure.name() + ", " + figure.arithmetic())
        .startsWith(
            "memory of naive, fp32", "memory besides the plan of naive, fp32", "speed of naive, fp32",
            "memory of naive, TF32")
        .contains("speed of fused, 3xTF32", "speed of fused, TF32")
        .endsWith("speed of fused, bf16");
    assertThat(first.out())
        .startsWith("# densenet4j, nightly run of ")
        .contains("| doctor | pass | cuda-software: ready")
        .containsPattern("\\| densenet4j fused \\| bf16 \\| [\\d.]+ \\| \\S+ MiB \\|")
        .contains("| PyTorch 9, channels-last | bf16 | 12.5 | – |");
    assertThat(folder.resolve("first")).isDirectoryContaining("glob:**.md");
  }

  @Test
  void theNextNightIsComparedAndARegressionHasAName() throws IOException {
    Path before = copyOfFirst("second");
    var run = night(before.getParent()).done();
    assertThat(run.out())
        .contains("| comparison | pass | no figure is worse")
        .contains("| kernels | skipped |", "| compute-sanitizer | skipped")
        .containsPattern("memory of naive \\| fp32 \\| \\S+ MiB \\| \\S+ MiB \\| 100.00 %");

    String text = Files.readString(before);
    Path baseline = folder.resolve("baseline.json");
    Files.writeString(baseline, text.replaceFirst("(\"memory of shared\"(?s:.*?)\"value\": )[\\d.]+", "$1 1000000.0"));
    run = night(folder.resolve("third"), "--baseline=" + baseline);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("FAILED", "memory of shared, fp32 is ").doesNotContain("memory of naive, fp32 is ");
    assertThat(last(folder.resolve("third")).pass()).isFalse();
  }

  @Test
  void aDeviceThatFailsIsReportedAndNothingElseTried() throws IOException {
    Path out = folder.resolve("broken");
    String property = "densenet4j.native";
    System.setProperty(property, folder.resolve("absent").toString()); // its processes have no device then
    try {
      var run = night(out);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out()).contains("| doctor | fail | cuda-software: ").doesNotContain("verify", "## Figures");
    } finally {
      System.clearProperty(property);
    }
    assertThat(last(out).checks()).extracting(NightlyReport.Check::outcome).startsWith(Outcome.FAIL);
  }

  @Test
  void refusesWhatMeansNothing() throws IOException {
    CommandRun.of("nightly", "--device=cpu").refused(2, "--device is cpu", "cuda, cuda-software");
    CommandRun.of("nightly", "--memory-margin=-1").refused(2, "--memory-margin is -1.0");
    CommandRun.of("nightly", "--step-limit=0").refused(2, "--step-limit is 0");
    CommandRun.of("nightly", "--rounds=0").refused(2, "--rounds is 0");
    Path other = Files.writeString(folder.resolve("other.json"), "{\"time\": 3}");
    night(folder.resolve("x"), "--baseline=" + other).refused(1, "other.json is not a nightly report");
  }
}
