package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the jars of this build hold, and what they must not. */
class JarsIT {
  private static final long MOST_BYTES = 12 << 20;

  @Test
  void oneJarHasAllThatAUserNeeds() throws IOException {
    var jar = Artifact.main();
    assertThat(jar.entries())
        .contains("META-INF/LICENSE", "META-INF/THIRD-PARTY", "module-info.class")
        .anyMatch(entry -> entry.matches("native/libdensenet4j_cpu_\\w+\\.so"));
    assertThat(jar.named("libJCuda")).containsExactly("native/libJCudaDriver-12.6.0-linux-x86_64.so");
    assertThat(Files.size(jar.file())).isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void nothingInItHasANameOfNvidias() {
    for (var jar : List.of(Artifact.main(), Artifact.cli())) {
      assertThat(Stream.of("libcuda", "libcudnn", "libcublas").flatMap(name -> jar.named(name).stream())).isEmpty();
    }
  }

  @Test
  @Tag("cuda")
  void theSoftwareDeviceHasAnArtifactOfItsOwn() {
    var jar = Artifact.softwareCuda();
    assertThat(jar.named("libcuda.so.1")).containsExactly("native/software-cuda/libcuda.so.1");
    assertThat(jar.entries()).noneMatch(entry -> entry.endsWith(".class"));
  }

  @Test
  void theModuleExportsThePublicPackagesOnly() {
    var module = ModuleFinder.of(Artifact.main().file()).find("io.github.densenet4j").orElseThrow().descriptor();
    assertThat(module.exports())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactlyInAnyOrder(
            "io.github.densenet4j", "io.github.densenet4j.config", "io.github.densenet4j.data",
            "io.github.densenet4j.error", "io.github.densenet4j.train");
    assertThat(module.requires())
        .filteredOn(requires -> requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .extracting(ModuleDescriptor.Requires::name)
        .containsExactly("info.picocli");
  }

  @Test
  void theCommandIsOneFileThatKeepsEveryLicence() throws IOException {
    var jar = Artifact.cli();
    assertThat(jar.entries())
        .contains(
            "META-INF/LICENSE", "META-INF/THIRD-PARTY", "META-INF/NOTICE", "META-INF/FastDoubleParser-LICENSE",
            "picocli/CommandLine.class", "jcuda/driver/JCudaDriver.class")
        .doesNotHaveDuplicates()
        .noneMatch(entry -> entry.endsWith("module-info.class"));
    try (var file = new JarFile(jar.file().toFile())) {
      assertThat(file.getManifest().getMainAttributes().getValue("Enable-Native-Access")).isEqualTo("ALL-UNNAMED");
      for (String name : List.of("LICENSE", "THIRD-PARTY")) {
        try (var in = file.getInputStream(file.getEntry("META-INF/" + name))) {
          assertThat(in).hasBinaryContent(Files.readAllBytes(Path.of(name)));
        }
      }
    }
  }

  /** Where picocli must see into a package that is not exported. */
  @Test
  void theCommandRunsOnTheModulePathToo() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var run =
        CommandRun.of(new CommandProcess(List.of(
            java, "--enable-native-access=io.github.densenet4j,jcuda", "-Djava.awt.headless=true", "-p",
            Artifact.main().file() + ":target/lib", "--add-modules=info.picocli", "-m",
            "io.github.densenet4j/" + Main.class.getName(), "plan", "--model=bc-40-12", "--batch-size=2", "--json")));
    assertThat(run.json()).isNotEmpty();
    assertThat(run.err()).isEmpty();
  }
}
