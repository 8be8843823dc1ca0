package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native libraries out of the jars, in processes of their own. */
class UnpackedNativesIT {
  private static final List<String> DOCTOR = List.of("doctor", "--device=cpu");
  private static final String JCUDA = "libJCudaDriver-12.6.0-linux-x86_64.so";

  @TempDir private Path temporary;

  private Path cache() {
    return temporary.resolve("cache");
  }

  /** {@code java -jar} with a cache of its own and a folder for temporary files in which there is nothing. */
  private CommandProcess command(List<String> flags, List<String> arguments) throws IOException {
    var command = new ArrayList<>(List.of(
        "env", "XDG_CACHE_HOME=" + cache(), Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:-UsePerfData", "-Djava.io.tmpdir=" + Files.createDirectories(temporary.resolve("tmp"))));
    command.addAll(flags);
    command.addAll(List.of("-jar", Artifact.cli().file().toString()));
    command.addAll(arguments);
    return new CommandProcess(command);
  }

  private List<Path> unpacked(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void aDamagedCopyIsReplaced() throws IOException {
    assertThat(CommandRun.of(command(List.of(), DOCTOR)).done().out()).contains(cache().toString());
    var copies = unpacked(cache());
    assertThat(copies).isNotEmpty().allMatch(file -> file.startsWith(cache().resolve("densenet4j")));
    for (Path copy : copies) {
      byte[] bytes = Files.readAllBytes(copy);
      Files.write(copy, Arrays.copyOf(bytes, bytes.length / 2));
    }
    CommandRun.of(command(List.of(), DOCTOR)).done();
    assertThat(unpacked(cache())).containsExactlyInAnyOrderElementsOf(copies);
  }

  @Test
  void aUserWithoutAHomeUsesTheFolderForTemporaryFiles() throws IOException {
    var process = command(List.of("-Duser.home=?"), DOCTOR);
    var run = CommandRun.of(process.under(List.of("env", "-C", temporary.toString()))).done();
    assertThat(run.out()).contains(cache().toString()); // the variable comes first
    var command = new ArrayList<>(process.command());
    command.set(1, "XDG_CACHE_HOME=");
    run = CommandRun.of(new CommandProcess(command).under(List.of("env", "-C", temporary.toString()))).done();
    assertThat(run.out()).contains(temporary.resolve("tmp").toString());
    assertThat(temporary.resolve("?")).doesNotExist();
  }

  @Test
  void whatKeepsACopyFromBeingWrittenIsTold() throws IOException {
    var limited = command(List.of(), DOCTOR).under(List.of("bash", "-c", "ulimit -f 64; exec \"$@\"", "limited"));
    var run = CommandRun.of(limited);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("File too large", cache().toString(), "XDG_CACHE_HOME", "-Ddensenet4j.native");
    assertThat(unpacked(temporary)).noneMatch(file -> file.toString().contains("libdensenet4j_cpu_")); // no half
  }

  @Test
  @Tag("cuda")
  void jcudasLibraryIsThatOfTheJar() throws IOException {
    var software = Artifact.softwareCuda();
    Path log = temporary.resolve("loaded.log");
    var command = new ArrayList<>(command(List.of("-Xlog:library=info:file=" + log), List.of()).command());
    Path planted = Files.writeString(temporary.resolve("tmp").resolve(JCUDA), "not a library");
    command.set(command.indexOf("-jar"), "-cp");
    command.set(command.size() - 1, Artifact.cli().file() + ":" + software.file());
    command.addAll(List.of(Main.class.getName(), "doctor", "--device=cuda-software"));
    CommandRun.of(new CommandProcess(command)).done();
    assertThat(log).content().contains(cache().toString()).contains(JCUDA).doesNotContain(planted.toString());
  }
}
