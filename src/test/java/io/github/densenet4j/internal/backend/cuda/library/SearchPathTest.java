package io.github.densenet4j.internal.backend.cuda.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  @Test
  void newestToolkitComesFirst() {
    var old = computer.files("usr/local/cuda-12.6/lib64", NOTHING);
    var young = computer.files("usr/local/cuda-13.0/lib64", NOTHING);
    assertThat(computer.path().folders()).containsSubsequence(young, old);
  }

  @Test
  void blankOptionIsNone() {
    assertThat(new SearchPath(Map.of(), Map.of("densenet4j.cudnn", " "), root).explicit("densenet4j.cudnn")).isEmpty();
    assertThat(computer.property("densenet4j.cudnn", Path.of("/x")).path().explicit("densenet4j.cudnn"))
        .contains(Path.of("/x"));
  }
}
