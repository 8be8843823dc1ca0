package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.Installation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cuDNN is taken, and what is said when none will do. */
@Tag("cuda")
class CudnnLibraryTest {
  private static final String USUAL = "usr/lib/x86_64-linux-gnu";
  private static final Path FILE = Path.of("/opt/libcudnn.so.9");

  @TempDir private Path root;
  private Installation computer;

  @BeforeEach
  void setUp() {
    computer = new Installation(root);
  }

  private static List<String> whole() {
    var names = new ArrayList<>(CudnnLibrary.PARTS);
    names.add("libcudnn.so.9");
    return names;
  }

  @Test
  void takesTheUsualPlace() {
    var folder = computer.files(USUAL, whole());
    var found = CudnnLibrary.find(computer.path());
    assertThat(found.file()).isEqualTo(folder.resolve("libcudnn.so.9"));
    assertThat(found.lookedIn()).contains(folder);
  }

  @Test
  void takesTheFirstOfTwoInstallations() {
    computer.files(USUAL, whole());
    var wanted = computer.files("opt/mine", whole());
    computer.environment("LD_LIBRARY_PATH", wanted.toString());
    assertThat(CudnnLibrary.find(computer.path()).folder()).isEqualTo(wanted);
  }

  @Test
  void explicitFileOrFolderComesFirst() {
    var env = computer.files("opt/env", whole());
    var wanted = computer.files("opt/mine", whole());
    computer.environment("LD_LIBRARY_PATH", env.toString());
    assertThat(CudnnLibrary.find(computer.property(CudnnLibrary.PROPERTY, wanted).path()).folder()).isEqualTo(wanted);
    var file = wanted.resolve("libcudnn.so.9");
    assertThat(CudnnLibrary.find(computer.property(CudnnLibrary.PROPERTY, file).path()).file()).isEqualTo(file);
  }

  @Test
  void explicitPlaceWithoutCudnnIsAnError() {
    computer.files(USUAL, whole());
    var empty = computer.files("opt/empty", List.of());
    for (Path wrong : List.of(empty, root.resolve("nowhere"))) {
      assertThatThrownBy(() -> CudnnLibrary.find(computer.property(CudnnLibrary.PROPERTY, wrong).path()))
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll("-Ddensenet4j.cudnn is " + wrong, "libcudnn.so.9");
    }
  }

  @Test
  void missingNamesEveryPlaceAndTheRemedy() {
    computer.environment("LD_LIBRARY_PATH", "/special");
    assertThatThrownBy(() -> CudnnLibrary.find(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll(
            "cuDNN 9 was not found", "/special", root.resolve(USUAL).toString(), "pip install nvidia-cudnn-cu13",
            "-Ddensenet4j.cudnn");
  }

  @Test
  void versionEightAloneIsNamed() {
    var folder = computer.files(USUAL, List.of("libcudnn.so.8"));
    assertThatThrownBy(() -> CudnnLibrary.find(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("but only " + folder.resolve("libcudnn.so.8") + " was found", "install");
  }

  @Test
  void everyPartMustLieBesideIt() {
    for (String part : CudnnLibrary.PARTS) {
      var names = whole();
      names.remove(part);
      var folder = computer.files("opt/without-" + part, names);
      computer.environment("LD_LIBRARY_PATH", folder.toString());
      assertThatThrownBy(() -> CudnnLibrary.find(computer.path()))
          .isInstanceOf(DeviceException.class)
          .hasMessageContainingAll("cuDNN in " + folder, part + " must be beside", "install");
    }
  }

  /** 9.26 has nine parts, of which some need others that come later in the alphabet. */
  @Test
  void everyPartThatIsThereIsLoadedTheKnownOnesFirst() {
    var names = whole();
    names.addAll(List.of("libcudnn_adv.so.9", "libcudnn_engines_tensor_ir.so.9", "libcudnn_ext.so.9"));
    var folder = computer.files("opt/new", names);
    computer.files("opt/new", List.of("libcudnn_static.a", "libcudnn_ops.so.9.26.0", "libcudnn_ops_infer.so.8"));
    assertThat(CudnnLibrary.parts(folder).stream().map(file -> file.getFileName().toString()))
        .startsWith(CudnnLibrary.PARTS.toArray(String[]::new))
        .endsWith("libcudnn_adv.so.9", "libcudnn_engines_tensor_ir.so.9", "libcudnn_ext.so.9")
        .hasSize(9);
  }

  @Test
  void partsOfAnotherInstallationDoNotCount() {
    computer.files(USUAL, CudnnLibrary.PARTS);
    var alone = computer.files("opt/alone", List.of("libcudnn.so.9"));
    computer.environment("LD_LIBRARY_PATH", alone.toString());
    assertThatThrownBy(() -> CudnnLibrary.find(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("incomplete");
  }

  @Test
  void libraryOfAnotherProcessorIsRefusedWithTheSystemsReason() {
    computer.files(USUAL, whole());
    computer.foreignLibrary(USUAL, "libcudnn_graph.so.9");
    assertThatThrownBy(() -> CudnnLibrary.load(computer.path()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("libcudnn_graph.so.9", "Possible cause");
  }

  @Test
  void onlyVersionNineWillDo() {
    assertThat(CudnnLibrary.version(91_900, FILE)).isEqualTo("9.19.0");
    assertThat(CudnnLibrary.version(90_102, FILE)).isEqualTo("9.1.2");
    assertThatThrownBy(() -> CudnnLibrary.version(8_906, FILE))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("/opt/libcudnn.so.9 is cuDNN 8.9, cuDNN 9 is needed");
    assertThatThrownBy(() -> CudnnLibrary.version(100_000, FILE))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("is cuDNN 10,");
  }

  @Test
  void partsThatSomeoneElseLoadedAreAnError() {
    var folder = computer.files(USUAL, whole());
    var other = computer.files("opt/other", whole()).resolve("libcudnn_ops.so.9");
    var own = folder.resolve("libcudnn_ops.so.9");
    var eight = Path.of("/opt/libcudnn_ops_infer.so.8.9.6"); // has other names, so it can stay
    CudnnLibrary.requireOneInstallation(List.of(own, eight), folder);
    assertThatThrownBy(() -> CudnnLibrary.requireOneInstallation(List.of(own, other), folder))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("would be mixed with " + other, "-Ddensenet4j.cudnn");
  }
}
