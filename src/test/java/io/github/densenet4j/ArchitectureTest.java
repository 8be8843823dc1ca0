package io.github.densenet4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The layering that each package-info states. */
class ArchitectureTest {
  private static final String ROOT = "io.github.densenet4j";
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);

  @Test
  void packagesLookDownOnly() {
    var layers = Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String name :
        List.of("error", "random", "tensor", "network", "program", "memory", "backend", "backend.cpu", "backend.cuda",
            "backend.cuda.driver", "backend.cuda.library", "backend.cuda.cudnn", "backend.cuda.cublas", "data", "io",
            "report", "verify", "train", "cli")) {
      layers = layers.layer(name).definedBy(ROOT + "." + name);
    }
    layers
        .layer("root")
        .definedBy(ROOT)
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("root")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("backend.cpu")
        .mayOnlyBeAccessedByLayers("root", "cli")
        .whereLayer("backend.cuda")
        .mayOnlyBeAccessedByLayers("root", "cli")
        .whereLayer("backend.cuda.cudnn")
        .mayOnlyBeAccessedByLayers("backend.cuda", "root", "cli")
        .whereLayer("backend.cuda.cublas")
        .mayOnlyBeAccessedByLayers("backend.cuda", "root", "cli")
        .whereLayer("backend.cuda.driver")
        .mayOnlyBeAccessedByLayers("backend.cuda", "backend.cuda.cudnn", "backend.cuda.cublas", "root", "cli")
        .whereLayer("backend.cuda.library")
        .mayOnlyBeAccessedByLayers("backend.cuda", "backend.cuda.cudnn", "backend.cuda.cublas", "root", "cli")
        .whereLayer("train")
        .mayOnlyBeAccessedByLayers("root", "cli")
        .whereLayer("verify")
        .mayOnlyBeAccessedByLayers("root", "cli")
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("train", "cli")
        .whereLayer("backend")
        .mayOnlyBeAccessedByLayers("backend.cpu", "backend.cuda", "verify", "train", "root", "cli")
        .whereLayer("data")
        .mayOnlyBeAccessedByLayers("train", "root", "cli")
        .whereLayer("io")
        .mayOnlyBeAccessedByLayers("report", "verify", "train", "root", "cli")
        .whereLayer("memory")
        .mayOnlyBeAccessedByLayers("backend", "backend.cpu", "backend.cuda", "verify", "train", "root", "cli")
        .whereLayer("program")
        .mayOnlyBeAccessedByLayers(
            "memory", "backend", "backend.cpu", "backend.cuda", "verify", "train", "root", "cli")
        .whereLayer("network")
        .mayOnlyBeAccessedByLayers(
            "program", "memory", "backend", "backend.cpu", "backend.cuda", "verify", "train", "root", "cli")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    SlicesRuleDefinition.slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void lowestPackagesDependOnNothingOfOurs() {
    for (String name : List.of("error", "random", "tensor")) {
      noClasses()
          .that()
          .resideInAPackage(ROOT + "." + name)
          .should()
          .dependOnClassesThat(
              com.tngtech.archunit.base.DescribedPredicate.describe(
                  "are in another package of ours",
                  c -> c.getPackageName().startsWith(ROOT) && !c.getPackageName().equals(ROOT + "." + name)))
          .check(CLASSES);
    }
  }

  @Test
  void nativeCallsLiveInTheDevicesOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + ".backend.cpu", ROOT + ".backend.cuda.library")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(CLASSES);
  }

  @Test
  void jcudaIsTheDriversOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".backend.cuda.driver")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(CLASSES);
  }

  @Test
  void standardStreamsAreTheCommandsOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void namesSayWhatAClassDoes() {
    noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Manager)").check(CLASSES);
    classes().that().areNotInterfaces().should().notHaveSimpleName("Misc").check(CLASSES);
    fields().that().areStatic().and().areNotPrivate().should().beFinal().check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItIs() throws IOException {
    try (var files = Files.walk(Path.of("src/main/java"))) {
      var packages = files.filter(f -> f.toString().endsWith(".java")).map(Path::getParent).distinct().toList();
      assertThat(packages).isNotEmpty().allSatisfy(p -> assertThat(p.resolve("package-info.java")).exists());
    }
  }

  @Test
  void everyOperationIsOneFileOfTheSameStem() throws IOException {
    var stems =
        io.github.densenet4j.program.Op.types().stream()
            .map(c -> c.getSimpleName().replace("BnRelu", "Bnrelu").replaceAll("([a-z0-9])([A-Z])", "$1_$2"))
            .map(s -> s.toLowerCase(java.util.Locale.ROOT) + ".cpp")
            .toList();
    try (var files = Files.list(Path.of("native/cpu"))) {
      var sources = files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".cpp")).toList();
      var others = List.of("library.cpp", "peak.cpp");
      assertThat(sources).containsAll(others).filteredOn(f -> !others.contains(f))
          .containsExactlyInAnyOrderElementsOf(stems);
    }
  }
}
