package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.densenet4j.backend.cuda.SoftwareDevice;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command says where a part of what CUDA takes is missing. A process has one driver, so each has its own. */
class CudaDriverTest {
  private static final List<String> PLAN =
      List.of("plan", "--model=bc-40-12", "--batch-size=2", "--strategy=shared", "--device=cuda-software");

  @TempDir private Path temporary;
  private Path folder;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    folder = SoftwareDevice.assumed().folder();
  }

  private static void refused(CommandProcess.End end, String... parts) {
    assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(1);
    assertThat(end.out()).isEmpty();
    assertThat(end.err()).startsWith("densenet4j: ").hasLineCount(1).contains(parts);
    assertThat(end.err()).doesNotContain("Exception", "this is a bug");
  }

  private static CommandProcess.End plan(String setting) {
    return CommandProcess.ofThisProgram(List.of(), PLAN)
        .under(List.of("env", "DENSENET4J_SOFTWARE_CUDA_" + setting))
        .run();
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
    refused(
        CommandProcess.ofThisProgram(List.of("-Ddensenet4j.data=data"), arguments).run(),
        "libcuda.so.1 cannot be loaded", "560", "--device cpu");
    assertThat(temporary.resolve("run")).doesNotExist();
  }

  @Test
  void aDriverThatIsTooOld() {
    refused(
        plan("DRIVER_VERSION=12000"), "libcuda.so.1 is for CUDA 12.0, at least 12.6 is needed", "install a driver");
  }

  @Test
  void aDriverWithoutADevice() {
    refused(plan("DEVICES=0"), "no NVIDIA GPU is visible", "nvidia-smi and CUDA_VISIBLE_DEVICES");
  }

  @Test
  void aPartOfTheSoftwareDeviceThatIsMissing() throws IOException {
    Files.createDirectory(temporary.resolve("software-cuda"));
    try (Stream<Path> files = Files.walk(folder.getParent())) {
      for (Path file : files.filter(Files::isRegularFile).filter(f -> !f.endsWith("libcudnn_ops.so.9")).toList()) {
        Files.copy(file, temporary.resolve(folder.getParent().relativize(file)));
      }
    }
    var process = CommandProcess.ofThisProgram(List.of("-Ddensenet4j.native=" + temporary), PLAN);
    refused(process.run(), "the software CUDA device are missing: libcudnn_ops.so.9", "scripts/build");
  }

  @Test
  void aBuildWithoutKernels() throws IOException {
    Path bare = Files.createDirectory(temporary.resolve("classes"));
    Path classes = folder.getParent().getParent();
    Path code = Files.createSymbolicLink(bare.resolve("io"), classes.resolve("io"));
    String path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).equals(classes) ? bare.toString() : entry)
            .collect(Collectors.joining(File.pathSeparator));
    var flags = List.of("-Ddensenet4j.native=" + classes.resolve("native"));
    var command = new ArrayList<>(CommandProcess.ofThisProgram(flags, PLAN).command());
    command.set(command.indexOf("-cp") + 1, path);
    var end = new CommandProcess(command).run();
    Files.delete(code); // what it leads to is not the test's to delete
    refused(end, "this build has no CUDA kernels, because nvcc was not there", "--device cpu");
  }

  private static CommandProcess.End leaving(String how) {
    var command = new ArrayList<>(CommandProcess.ofThisProgram(List.of(), List.of(how)).command());
    command.set(command.indexOf(Main.class.getName()), LeavingProcess.class.getName());
    return new CommandProcess(command).run();
  }

  @Test
  void whatAProcessDoesNotCloseIsReported() {
    var left = leaving("leave");
    assertThat(left.exitCode()).isZero();
    assertThat(left.err())
        .contains("software CUDA: ", "never freed", "destroyed: 1 executable graphs", "never destroyed: 1 modules");
    var closed = leaving("close");
    assertThat(closed.exitCode()).isZero();
    assertThat(closed.err()).isEmpty();
  }
}
