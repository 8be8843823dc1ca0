package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport;
import io.github.densenet4j.internal.report.NightlyReport.Check;
import io.github.densenet4j.internal.report.NightlyReport.Outcome;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts/package makes, unpacked into an empty folder and run without any environment. */
@Tag("slow")
class PackageIT {
  private static final long MOST_BYTES = 45L << 20;
  private static final String NAME = "densenet4j-" + Artifact.VERSION + "-linux-x86_64";

  @TempDir private static Path folder;
  private static Path archive;
  private static Path unpacked;

  @BeforeAll
  static void packs() {
    Path out = folder.resolve("out");
    run("scripts/package", "--as-built", "--split", "8M", "--out", out.toString()).done();
    archive = out.resolve(NAME + ".tar.xz");
    run("tar", "-xf", archive.toString(), "-C", folder.toString()).done();
    unpacked = folder.resolve(NAME);
  }

  private static CommandRun run(String... command) {
    return CommandRun.of(new CommandProcess(List.of(command)));
  }

  /** In a folder in which there is nothing else, and without a variable of the environment. */
  private static CommandRun bare(String program, Object... arguments) {
    var command = new ArrayList<>(List.of("env", "-i", "-C", folder.toString(), unpacked.resolve(program).toString()));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    return CommandRun.of(new CommandProcess(command));
  }

  @Test
  void theArchiveIsSmallAndItsPiecesAreIt() throws IOException {
    assertThat(archive).isRegularFile();
    assertThat(Files.size(archive)).isLessThanOrEqualTo(MOST_BYTES);
    Path joined = folder.resolve("joined");
    run("bash", "-c", "cat \"$1\".part-* > \"$2\"", "join", archive.toString(), joined.toString()).done();
    assertThat(joined).hasSameBinaryContentAs(archive);
    run("env", "-C", archive.getParent().toString(), "sha256sum", "--check", archive.getFileName() + ".sha256").done();
  }

  @Test
  void itHasWhatOthersWantToBeSaid() {
    assertThat(unpacked.resolve("THIRD-PARTY")).hasSameTextualContentAs(Path.of("THIRD-PARTY"));
    assertThat(unpacked.resolve("LICENSE")).hasSameTextualContentAs(Path.of("LICENSE"));
    assertThat(unpacked.resolve("java/legal/java.base/LICENSE")).exists();
    assertThat(unpacked.resolve("native")).isDirectoryNotContaining("glob:**/libcud*");
  }

  @Test
  void itTrainsAndPredictsOnItsOwn() throws IOException {
    Path run = folder.resolve("run");
    bare(
            "bin/densenet4j", "train", "--data=fashion-mnist-sample", "--limit=64", "--growth-rate=4",
            "--block-config=2,2", "--epochs=1", "--batch-size=32", "--device=cpu", "--out=" + run)
        .done();
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
    var predicted =
        bare("bin/densenet4j", "predict", "--checkpoint=" + run.resolve("checkpoint-best.safetensors"), image);
    assertThat(predicted.done().out()).contains("image.png");
    assertThat(predicted.err()).isEmpty();
  }

  @Test
  void itVerifiesItsOwnCasesAndKnowsWhereItIs() {
    assertThat(bare("bin/densenet4j", "verify", "--device=cpu").done().out().lines())
        .filteredOn(line -> line.endsWith(": pass"))
        .hasSize(4);
    var java = (Map<?, ?>) bare("bin/densenet4j", "doctor", "--device=cpu", "--json").json().get("java");
    assertThat(java.get("home")).isEqualTo(unpacked.resolve("java").toString());
  }

  @Test
  @Tag("cuda")
  void itHasKernelsForGpus() {
    SoftwareDevice.required(); // or no kernels were built
    var run = bare("bin/densenet4j", "doctor", "--device=cuda", "--json");
    var cuda = (Map<?, ?>) Json.parse(run.out(), "what doctor printed").get("cuda");
    assertThat((List<?>) cuda.get("architectures")).isNotEmpty();
    assertThat(cuda.get("toolkit")).isNotEqualTo("unknown");
  }

  /** The same script as from a checkout; the software device is not in the package and is added. */
  @Test
  @Tag("cuda")
  void itsNightlyRunsOnTheSoftwareDevice() throws IOException {
    Path software = Files.createDirectory(unpacked.resolve("native/software-cuda"));
    try (var files = Files.list(SoftwareDevice.required().folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, software.resolve(file.getFileName()));
      }
    }
    Path out = folder.resolve("reports");
    bare(
            "bin/gpu-nightly", "--device=cuda-software", "--growth-rate=4", "--block-config=1", "--image-size=8",
            "--batch-size=2", "--steps=1", "--rounds=1", "--out=" + out,
            "--case=" + unpacked.resolve("reference/cifar_bc_small.safetensors"))
        .done();
    try (var reports = Files.list(out)) {
      var file = reports.filter(report -> report.toString().endsWith(".json")).findFirst().orElseThrow();
      var report = NightlyReport.read(file);
      assertThat(report.checks()).filteredOn(check -> check.name().startsWith("verify"))
          .extracting(Check::outcome).hasSize(4).containsOnly(Outcome.PASS);
    }
  }
}
