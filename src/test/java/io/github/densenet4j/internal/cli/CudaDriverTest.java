package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.backend.library.NativeFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command says where a part of what CUDA takes is missing. A process has one driver, so each has its own. */
@Tag("cuda")
class CudaDriverTest {
  private static final List<String> PLAN =
      List.of("plan", "--model=bc-40-12", "--batch-size=2", "--strategy=shared", "--device=cuda-software");

  private static final String JCUDA = "libJCudaDriver-12.6.0-linux-x86_64.so";

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    folder = SoftwareDevice.required().folder();
  }

  private static CommandRun plan(String setting) {
    var process = CommandProcess.ofThisProgram(List.of(CommandRun.BRIEF), PLAN);
    return CommandRun.of(process.under(List.of("env", "DENSENET4J_SOFTWARE_CUDA_" + setting)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --data=fashion-mnist-sample --limit=8 --batch-size=4 --epochs=1", "plan", "bench --batch-size=2",
        "verify src/test/resources/reference/cifar_bc_small.safetensors"
      })
  void withoutADriver(String command) {
    assumeFalse(Files.exists(Path.of("/proc/driver/nvidia")), "this machine has an NVIDIA driver");
    var arguments = new ArrayList<>(List.of(command.split(" ")));
    arguments.addAll(List.of("--device=cuda", "--strategy=shared"));
    if (arguments.getFirst().equals("train")) {
      arguments.add("--out=" + temporary.resolve("run"));
    }
    CommandRun.of(CommandProcess.ofThisProgram(List.of(CommandRun.BRIEF, "-Ddensenet4j.data=data"), arguments))
        .refused(1, "libcuda.so.1 cannot be loaded", "version 580 or newer", "--device cpu");
    assertThat(temporary.resolve("run")).doesNotExist();
  }

  @Test
  void aDriverThatIsTooOld() {
    plan("DRIVER_VERSION=12000")
        .refused(1, "libcuda.so.1 is for CUDA 12.0, at least 12.6 is needed", "install a driver");
  }

  /** For the toolkit that compiled the kernels, which is 13 here. */
  @Test
  void aDriverThatIsTooOldForTheKernels() {
    plan("DRIVER_VERSION=12090")
        .refused(
            1, "were compiled by the toolkit 13.", "need a driver for CUDA 13.0 or newer", "is for CUDA 12.9",
            "install a newer NVIDIA driver", "--device cpu");
  }

  @Test
  void aDriverWithoutADevice() {
    plan("DEVICES=0").refused(1, "no NVIDIA GPU is visible", "nvidia-smi and CUDA_VISIBLE_DEVICES");
  }

  /** One folder that has all that this build's natives and the software device consist of. */
  private Path allNatives() throws IOException {
    Path all = Files.createDirectory(temporary.resolve("native"));
    Path natives = NativeFiles.find("JCuda's parts", "", List.of(JCUDA));
    for (Path from : List.of(natives, folder)) {
      Path to = from.equals(folder) ? Files.createDirectory(all.resolve("software-cuda")) : all;
      try (Stream<Path> files = Files.list(from)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
    return all;
  }

  @Test
  void aPartOfTheSoftwareDeviceThatIsMissing() throws IOException {
    Path all = allNatives();
    Files.delete(all.resolve("software-cuda/libcudnn_ops.so.9"));
    CommandRun.of(CommandProcess.ofThisProgram(List.of(CommandRun.BRIEF, "-Ddensenet4j.native=" + all), PLAN))
        .refused(1, "the software CUDA device are missing: libcudnn_ops.so.9", "scripts/build");
  }

  @Test
  void jcudasOwnPartThatIsMissing() throws IOException {
    Path all = allNatives();
    Files.delete(all.resolve(JCUDA));
    CommandRun.of(CommandProcess.ofThisProgram(List.of(CommandRun.BRIEF, "-Ddensenet4j.native=" + all), PLAN))
        .refused(1, "the native parts of JCuda are missing: " + JCUDA, all.toString());
  }

  /** Anyone may write there; what is of the name that JCuda looks for must not be loaded. */
  @Test
  void aForeignLibraryInTheFolderForTemporaryFiles() throws IOException {
    Path planted = Files.copy(folder.resolve("libcudnn_adv.so.9"), temporary.resolve(JCUDA));
    Path log = temporary.resolve("loaded.log");
    var flags = List.of(CommandRun.BRIEF, "-Djava.io.tmpdir=" + temporary, "-Xlog:library=info:file=" + log);
    CommandRun.of(CommandProcess.ofThisProgram(flags, PLAN)).done();
    assertThat(log).content().contains("/native/" + JCUDA).doesNotContain(planted.toString());
  }

  @Test
  void aBuildWithoutKernels() throws IOException {
    Path classes = Path.of("target/classes").toAbsolutePath();
    Path bare = Files.createDirectory(temporary.resolve("classes"));
    Path code = Files.createSymbolicLink(bare.resolve("io"), classes.resolve("io"));
    String path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).equals(classes) ? bare.toString() : entry)
            .collect(Collectors.joining(File.pathSeparator));
    var flags = List.of(CommandRun.BRIEF, "-Ddensenet4j.native=" + allNatives());
    var command = new ArrayList<>(CommandProcess.ofThisProgram(flags, PLAN).command());
    command.set(command.indexOf("-cp") + 1, path);
    var run = CommandRun.of(new CommandProcess(command));
    Files.delete(code); // what it leads to is not the test's to delete
    run.refused(1, "this build has no CUDA kernels: compile them with scripts/build --cuda", "--device cpu");
  }

  private static CommandRun leaving(String how) {
    var command = new ArrayList<>(CommandProcess.ofThisProgram(List.of(CommandRun.BRIEF), List.of(how)).command());
    command.set(command.indexOf(Main.class.getName()), LeavingProcess.class.getName());
    return CommandRun.of(new CommandProcess(command)).done();
  }

  @Test
  void whatAProcessDoesNotCloseIsReported() {
    assertThat(leaving("leave").err())
        .contains("software CUDA: ", "never freed", "destroyed: 1 executable graphs", "never destroyed: 1 modules");
    assertThat(leaving("close").err()).isEmpty();
  }
}
