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
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The layering that each package-info states. */
class ArchitectureTest {
  private static final String ROOT = "io.github.densenet4j";
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);

  /** Each package, and which others may use it; the innermost of {@code internal} come without that prefix. */
  private static final String USERS =
      """
      cli:
      root: cli
      verify: root, cli
      training: root, cli
      weights: root, cli
      checkpoint: weights, training, root, cli
      report: training, root, cli
      picture: data, root
      io: picture, data, backend.cuda, checkpoint, weights, report, training, verify, root, cli
      train: checkpoint, training, root, cli
      data: train, checkpoint, training, root, cli
      backend.cpu: root, cli
      backend.cuda: root, cli
      backend.cuda.cudnn: backend.cuda, root, cli
      backend.cuda.cublas: backend.cuda, root, cli
      backend.cuda.driver: backend.cuda, backend.cuda.cudnn, backend.cuda.cublas, root, cli
      backend.cuda.library: backend.cuda, backend.cuda.cudnn, backend.cuda.cublas, root, cli
      backend.library: backend.cpu, backend.cuda, backend.cuda.cudnn, backend.cuda.cublas, backend.cuda.driver,\
       backend.cuda.library, io, cli
      backend: backend.cpu, backend.cuda, verify, checkpoint, training, root, cli
      memory: backend, backend.cpu, backend.cuda, verify, checkpoint, training, root, cli
      program: memory, backend, backend.cpu, backend.cuda, verify, checkpoint, training, root, cli
      network: program, memory, weights, backend, backend.cpu, backend.cuda, verify, checkpoint, training, root, cli
      """;

  private static final List<String> EXPORTED = List.of("config", "data", "error", "train");

  private static String packageOf(String layer) {
    return layer.equals("root") ? ROOT : EXPORTED.contains(layer) ? ROOT + "." + layer : ROOT + ".internal." + layer;
  }

  @Test
  void packagesLookDownOnly() {
    var users = new LinkedHashMap<String, String[]>();
    USERS.lines().map(line -> line.split(":")).forEach(
        parts -> users.put(parts[0], parts.length == 1 ? new String[0] : parts[1].strip().split(", ")));
    var layers = Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String layer : users.keySet()) {
      layers = layers.layer(layer).definedBy(packageOf(layer));
    }
    for (var entry : users.entrySet()) {
      var layer = layers.whereLayer(entry.getKey());
      layers =
          entry.getValue().length == 0
              ? layer.mayNotBeAccessedByAnyLayer()
              : layer.mayOnlyBeAccessedByLayers(entry.getValue());
    }
    layers.check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    SlicesRuleDefinition.slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void lowestPackagesDependOnNothingOfOurs() {
    for (String layer : List.of("error", "random", "tensor")) {
      noClasses()
          .that()
          .resideInAPackage(packageOf(layer))
          .should()
          .dependOnClassesThat(
              com.tngtech.archunit.base.DescribedPredicate.describe(
                  "are in another package of ours",
                  c -> c.getPackageName().startsWith(ROOT) && !c.getPackageName().equals(packageOf(layer))))
          .check(CLASSES);
    }
  }

  @Test
  void nativeCallsAreBoundInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("backend.library"))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(CLASSES);
  }

  @Test
  void jcudaIsTheDriversOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("backend.cuda.driver"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(CLASSES);
  }

  @Test
  void standardStreamsAreTheCommandsOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("cli"))
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
      var packages =
          files
              .filter(f -> f.toString().endsWith(".java") && !f.endsWith("module-info.java"))
              .map(Path::getParent)
              .distinct()
              .toList();
      assertThat(packages).isNotEmpty().allSatisfy(p -> assertThat(p.resolve("package-info.java")).exists());
    }
  }

  @Test
  void everyOperationIsOneFileOfTheSameStem() throws IOException {
    var stems =
        io.github.densenet4j.internal.program.Op.types().stream()
            .map(c -> c.getSimpleName().replace("BnRelu", "Bnrelu").replaceAll("([a-z0-9])([A-Z])", "$1_$2"))
            .map(s -> s.toLowerCase(java.util.Locale.ROOT) + ".cpp")
            .toList();
    try (var files = Files.list(Path.of("native/cpu"))) {
      var sources = files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".cpp")).toList();
      var others = List.of("dot_peak.cpp", "isa.cpp", "library.cpp", "peak.cpp", "threads.cpp");
      assertThat(sources).containsAll(others).filteredOn(f -> !others.contains(f))
          .containsExactlyInAnyOrderElementsOf(stems);
    }
  }
}
