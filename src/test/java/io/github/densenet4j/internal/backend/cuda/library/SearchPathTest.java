package io.github.densenet4j.internal.backend.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("cuda")
class SearchPathTest {
  private static final List<String> NOTHING = List.of();

  @TempDir private Path root;
  private Installation computer;

  @BeforeEach
  void setUp() {
    computer = new Installation(root);
  }

  @Test
  void environmentComesBeforeUsualPlacesAndPythonLast() {
    computer
        .environment("LD_LIBRARY_PATH", "/a:/b::")
        .environment("CUDA_HOME", "/toolkit")
        .environment("CUDA_PATH", "")
        .environment("HOME", root.resolve("home/me").toString());
    var wheel = computer.files("home/me/.local/lib/python3.12/site-packages/nvidia/cudnn/lib", NOTHING);
    assertThat(computer.path().folders())
        .startsWith(
            Path.of("/a"), Path.of("/b"), Path.of("/toolkit/lib64"), Path.of("/toolkit/targets/x86_64-linux/lib"),
            root.resolve("usr/local/cuda/lib64"))
        .contains(root.resolve("usr/lib/x86_64-linux-gnu"))
        .endsWith(wheel)
        .doesNotHaveDuplicates();
  }

  @Test
  void pythonOfTheShellComesBeforeTheUsersAndTheSystems() {
    computer
        .environment("HOME", root.resolve("home").toString())
        .environment("VIRTUAL_ENV", root.resolve("venv").toString())
        .environment("CONDA_PREFIX", root.resolve("conda").toString())
        .environment("PYTHONPATH", root.resolve("mine").toString());
    var system = computer.files("usr/lib/python3/dist-packages/nvidia/cudnn/lib", NOTHING);
    var local = computer.files("usr/local/lib/python3.11/dist-packages/nvidia/cudnn/lib", NOTHING);
    var user = computer.files("home/.local/lib/python3.13/site-packages/nvidia/cudnn/lib", NOTHING);
    var mine = computer.files("mine/nvidia/cu13/lib", NOTHING);
    var conda = computer.files("conda/lib/python3.12/site-packages/nvidia/cublas/lib", NOTHING);
    var venv = computer.files("venv/lib/python3.12/site-packages/nvidia/cudnn/lib", NOTHING);
    assertThat(computer.path().folders())
        .contains(root.resolve("conda/lib"))
        .endsWith(venv, conda, mine, user, local, system);
  }

  /** A python3 may be a script, as pyenv's are: it is asked where it keeps packages. */
  @Test
  void pythonOnThePathComesBeforeTheUsersAndTheSystems() throws IOException {
    var chosen = root.resolve("versions/3.14/lib/python3.14/site-packages");
    var wheel = computer.files("versions/3.14/lib/python3.14/site-packages/nvidia/cu13/lib", NOTHING);
    var system = computer.files("usr/lib/python3/dist-packages/nvidia/cudnn/lib", NOTHING);
    python("shims", "printf '%s\\n' /no/such/folder " + chosen);
    python("later", "echo " + root.resolve("usr/lib/python3/dist-packages"));
    computer.files("first", List.of("python3")); // not executable
    computer.environment("PATH", root.resolve("first") + ":" + root.resolve("shims") + ":" + root.resolve("later"));
    assertThat(computer.path().folders()).endsWith(wheel, system);
  }

  @Test
  void aPythonThatDoesNotAnswerIsNone() throws IOException {
    var system = computer.files("usr/lib/python3/dist-packages/nvidia/cudnn/lib", NOTHING);
    python("shims", "echo broken >&2; exit 1");
    computer.environment("PATH", root.resolve("shims").toString());
    assertThat(computer.path().folders()).endsWith(system);
  }

  /** Asks the real one, if there is one. */
  @Test
  void thePythonOfThisMachineAnswers() {
    var installed = PythonPackages.of(Stream.of(System.getenv("PATH").split(":")).map(Path::of).toList());
    assumeThat(installed).isNotEmpty();
    assertThat(installed).allSatisfy(folder -> assertThat(folder).isDirectory());
  }

  private void python(String folder, String command) throws IOException {
    var file = computer.files(folder, NOTHING).resolve("python3");
    Files.writeString(file, "#!/bin/sh\n" + command + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void newestToolkitComesFirst() {
    var old = computer.files("usr/local/cuda-12.6/lib64", NOTHING);
    var young = computer.files("usr/local/cuda-13.0/lib64", NOTHING);
    assertThat(computer.path().folders()).containsSubsequence(young, old);
  }

  @Test
  void blankOptionIsNone() {
    assertThat(SearchPath.of(Map.of(), Map.of("densenet4j.cudnn", " "), root).explicit("densenet4j.cudnn")).isEmpty();
    assertThat(computer.property("densenet4j.cudnn", Path.of("/x")).path().explicit("densenet4j.cudnn"))
        .contains(Path.of("/x"));
  }
}
